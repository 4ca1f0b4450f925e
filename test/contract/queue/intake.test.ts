import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Delivery } from '../../../src/domain/decision/delivery.ts';
import { TransientError } from '../../../src/domain/errors.ts';
import type { Ledger } from '../../../src/domain/ports/ledger.ts';
import { queueing } from '../../../src/intake/acknowledge.ts';
import { intakeWorker } from '../../../workers/intake.ts';
import { ledgerFake } from '../../fakes/ledger.ts';
import { deliveryWith } from '../../support/fixtures.ts';
import { workerContext } from '../support/worker-context.ts';
import { type Yard, yards } from './yards.ts';

describe.each(yards)('what $name alone has acknowledged', ({ open }) => {
  let yard: Yard;
  beforeAll(async () => {
    yard = await open();
  });
  afterAll(() => yard[Symbol.asyncDispose]());

  /** Everything but a worker, which the test starts when it wants one. */
  const desk = (trouble: Partial<Ledger> = {}) => {
    const ledger = { ...ledgerFake(), ...trouble };
    const context = { ...workerContext(yard.backend), ledger };
    const { acknowledge } = queueing(context.publisher.publish);
    const triageJobs = async () => (await context.publisher.depths()).triage['waiting'] ?? 0;
    return { context, ledger, acknowledge, triageJobs };
  };
  const fresh = (parts: Partial<Delivery> = {}) =>
    deliveryWith({ contentHash: randomUUID(), identifier: randomUUID(), ...parts });

  test('is in no ledger before a worker looks, and then recorded and queued once', async () => {
    const { context, ledger, acknowledge, triageJobs } = desk();
    await using _closing = context;
    const before = await triageJobs();
    const answers = await Promise.all(Array.from({ length: 40 }, () => acknowledge(fresh())));
    expect(answers).toEqual(answers.map(() => ({ status: 'queued' })));
    expect(await ledger.deliveryCounts()).toEqual({});
    await using _worker = intakeWorker(context);
    await expect.poll(() => ledger.deliveryCounts(), { timeout: 10_000 }).toEqual({ accepted: 40 });
    await expect.poll(triageJobs, { timeout: 10_000 }).toBe(before + 40);
  });

  test('is recorded once however often it came', async () => {
    const { context, ledger, acknowledge, triageJobs } = desk();
    await using _closing = context;
    const before = await triageJobs();
    const delivery = fresh();
    await Promise.all([acknowledge(delivery), acknowledge(delivery), acknowledge(fresh())]);
    await acknowledge(delivery);
    await using _worker = intakeWorker(context);
    await expect.poll(() => ledger.deliveryCounts(), { timeout: 10_000 }).toEqual({ accepted: 2 });
    const left = async () => (await context.publisher.depths()).intake;
    await expect.poll(left).toMatchObject({ waiting: 0, active: 0 });
    expect(await triageJobs()).toBe(before + 2);
  });

  test('runs again when it had failed and is sent again', async () => {
    const { context, ledger, acknowledge, triageJobs } = desk();
    await using _closing = context;
    await using _worker = intakeWorker(context);
    const delivery = fresh();
    await acknowledge(delivery);
    await expect.poll(() => ledger.deliveryCounts(), { timeout: 10_000 }).toEqual({ accepted: 1 });
    const before = await triageJobs();
    const [open] = await ledger.openDeliveries(0, 10);
    await ledger.settle(open?.id ?? '', 1, { state: 'failed', reason: 'Jira was away for a day' });
    await acknowledge(delivery);
    await expect.poll(() => ledger.deliveryCounts(), { timeout: 10_000 }).toEqual({ accepted: 1 });
    await expect.poll(triageJobs, { timeout: 10_000 }).toBe(before + 1);
    expect(await ledger.openDeliveries(0, 10)).toMatchObject([{ attempt: 2 }]);
  });

  test('that is not for us is recorded with its reason, and counted', async () => {
    const { context, ledger, acknowledge } = desk();
    await using _closing = context;
    await using _worker = intakeWorker(context);
    await acknowledge(fresh({ plan: { kind: 'ignore', reason: 'project HR is not in the playbook' } }));
    await expect.poll(() => ledger.deliveryCounts(), { timeout: 10_000 }).toEqual({ ignored: 1 });
    const counted = async () => (await context.metrics.deliveries.get()).values.filter(({ value }) => value > 0);
    await expect.poll(counted).toMatchObject([{ labels: { door: 'webhook', result: 'ignored' }, value: 1 }]);
  });

  test('waits while the database is away, and uses up no attempt', async () => {
    const isAway = { now: true };
    const real = ledgerFake();
    const orAway = async <T>(work: () => Promise<T>) => {
      if (isAway.now) throw new TransientError('database: gone');
      return work();
    };
    const { context, ledger, acknowledge } = desk({
      ...real,
      receive: (deliveries) => orAway(() => real.receive(deliveries)),
      ping: () => orAway(() => real.ping()),
    });
    await using _closing = context;
    await using _worker = intakeWorker(context);
    const attempts = async () => (await context.metrics.jobs.get()).values.filter(({ value }) => value > 0);
    await acknowledge(fresh());
    await expect.poll(attempts, { timeout: 10_000 }).toMatchObject([{ labels: { queue: 'intake' } }]);
    const depth = (await context.publisher.depths()).intake;
    expect([depth['failed'], (depth['waiting'] ?? 0) + (depth['active'] ?? 0)]).toEqual([0, 1]);
    isAway.now = false;
    await expect.poll(() => ledger.deliveryCounts(), { timeout: 10_000 }).toEqual({ accepted: 1 });
  });

  test('holds up nobody else when one of them cannot be recorded', async () => {
    const real = ledgerFake();
    const poison = fresh({ issueKey: 'IT-666' });
    const { context, ledger, acknowledge } = desk({
      ...real,
      receive: async (deliveries) => {
        if (deliveries.some(({ issueKey }) => issueKey === 'IT-666'))
          throw new TransientError('database: value too long');
        return real.receive(deliveries);
      },
    });
    await using _closing = context;
    await Promise.all([acknowledge(fresh()), acknowledge(poison), acknowledge(fresh())]);
    await using _worker = intakeWorker(context);
    await expect.poll(() => ledger.deliveryCounts(), { timeout: 10_000 }).toEqual({ accepted: 2 });
  });
});
