import { describe, expect, test } from 'vitest';
import { TransientError } from '../../../src/domain/errors.ts';
import type { Publish } from '../../../src/queue/catalogue.ts';
import { ledgerFake } from '../../fakes/ledger.ts';
import { created, never, openApp, send } from './support.ts';

describe('when a delivery cannot be made durable', () => {
  async function laterFrom(parts: Parameters<typeof openApp>[0]): Promise<void> {
    await using app = await openApp(parts);
    const response = await send(app.url, created());
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await response.json()).toEqual({ error: 'not accepted, please send it again' });
  }

  test('a ledger that hangs gets 503 long before Jira gives up', async () => {
    const startedAt = performance.now();
    await laterFrom({ ledger: { ...ledgerFake(), receive: never } });
    expect(performance.now() - startedAt).toBeLessThan(4_000);
  });

  test('a ledger that refuses gets 503', async () => {
    const receive = async () => {
      throw new TransientError('database: gone');
    };
    await laterFrom({ ledger: { ...ledgerFake(), receive } });
  });

  test('a queue that refuses gets 503', async () => {
    await laterFrom({
      publish: async () => {
        throw new TransientError('the queue cannot be reached');
      },
    });
  });

  test('the redelivery then goes through', async () => {
    const isAway = { now: true };
    const payloads: unknown[] = [];
    const publish: Publish = async (_queue, jobs) => {
      if (isAway.now) throw new TransientError('the queue cannot be reached');
      payloads.push(...jobs);
    };
    await using app = await openApp({ publish });
    expect((await send(app.url, created())).status).toBe(503);
    isAway.now = false;
    expect(await (await send(app.url, created())).json()).toMatchObject({ status: 'again' });
    expect(payloads).toHaveLength(1);
  });

  test('a bug gets 500 without a word about it', async () => {
    const receive = async () => {
      throw new TypeError('cannot read properties of secret words');
    };
    await using app = await openApp({ acknowledge: receive });
    const response = await send(app.url, created());
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ error: 'internal error' });
  });
});
