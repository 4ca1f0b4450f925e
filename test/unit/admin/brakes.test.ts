import { describe, expect, test } from 'vitest';
import { QualityAnswer } from '../../../src/cli/steering/remote/answers.ts';
import { brakeWith, outcomeWith } from '../../support/outcomes.ts';
import { openAdmin } from './support.ts';

const BRAKE = brakeWith({ id: 'b-1', value: 'Zugänge', why: '9 of 10 were overridden' });

describe('brakes over HTTP', () => {
  test('are listed, and released by somebody who is then on record', async () => {
    await using admin = await openAdmin();
    await admin.ledger.pullBrake(BRAKE);
    expect((await admin.get('/brakes')).body).toEqual({ brakes: [BRAKE] });
    expect(await admin.post('/brakes/b-1/release', { actor: 'Lena' })).toEqual({
      status: 200,
      body: { released: BRAKE },
    });
    expect((await admin.get('/brakes')).body).toEqual({ brakes: [] });
    const entry = { actor: 'Lena', action: 'release-brake', detail: 'category=Zugänge: 9 of 10 were overridden' };
    expect((await admin.get('/audit')).body).toEqual({ audit: [{ at: '2026-05-01T12:00:00.000Z', ...entry }] });
  });

  test('one that is not on cannot be released, and leaves no record', async () => {
    await using admin = await openAdmin();
    expect(await admin.post('/brakes/__proto__/release')).toMatchObject({ status: 404 });
    expect((await admin.get('/audit')).body).toEqual({ audit: [] });
    expect((await admin.post('/brakes/b-1/release', { actor: 7 })).status).toBe(400);
  });
});

describe('quality over HTTP', () => {
  test('is the share that people override, with a bound, the worst first', async () => {
    await using admin = await openAdmin();
    const judged = (value: string, overridden: number, of: number) =>
      Array.from({ length: of }, (_, at) =>
        outcomeWith({
          decisionId: `${value}-${at}`,
          issueId: `${value}-${at}`,
          value,
          how: 'written',
          result: at < overridden ? 'overridden' : 'confirmed',
          judgedAt: '2026-05-01T08:00:00.000Z',
        }),
      );
    await admin.ledger.recordOutcomes([...judged('access', 1, 20), ...judged('erp', 16, 20)]);
    const body = QualityAnswer.parse((await admin.get('/quality')).body);
    expect(body.since).toBe('2026-04-17T12:00:00.000Z');
    expect(body.rates).toMatchObject([
      { value: 'erp', judged: 20, overridden: 16 },
      { value: 'access', judged: 20, overridden: 1 },
    ]);
    // Beta(16, 5) and Beta(1, 20) at 0.05
    expect(body.rates[0]?.lowerBound).toBeCloseTo(0.599, 3);
    expect(body.rates[1]?.lowerBound).toBeCloseTo(0.00256, 4);
    expect([body.groups, body.brakes]).toEqual([[], []]);
    expect(QualityAnswer.parse((await admin.get('/quality?days=1')).body).since).toBe('2026-04-30T12:00:00.000Z');
  });

  test.each(['0', '-1', 'x', '1e9'])('of %s days is refused', async (days) => {
    await using admin = await openAdmin();
    expect((await admin.get(`/quality?days=${days}`)).status).toBe(400);
  });
});
