import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Playbook } from '../../src/domain/playbook/playbook.ts';
import type { Issue } from '../../src/domain/ticket/issue.ts';
import type { QueueBackend } from '../../src/queue/backend.ts';
import { postgresQueues } from '../../src/queue/postgres.ts';
import { requeue } from '../../src/upkeep/requeue.ts';
import { triageWorker } from '../../workers/triage.ts';
import { writeBackWorker } from '../../workers/write-back.ts';
import { databases } from '../contract/support/databases.ts';
import { workerContext } from '../contract/support/worker-context.ts';
import { deliveryWith, issueWith, type PlaybookDraft, playbookWith } from '../support/fixtures.ts';
import { deskWith } from '../unit/support/tracker.ts';

const GRACE_MS = 1_000;

// biome-ignore-start lint/suspicious/noThenProperty: reads as the sentence "when … then …" in YAML
const draft = {
  targets: { category: { kind: 'label', prefix: 'cat-', mode: 'auto' } },
  rules: [
    { name: 'printer', when: { textMatches: 'printer' }, then: { category: 'printer' } },
    { name: 'else', when: { textMatches: '.' }, then: { category: 'access' } },
  ],
  writeBack: { graceSeconds: GRACE_MS / 1000 },
} satisfies PlaybookDraft;
// biome-ignore-end lint/suspicious/noThenProperty: as above

describe.each(databases)('a decision that waits in $name', ({ open }) => {
  let database: Awaited<ReturnType<typeof open>>;
  let backend: QueueBackend;
  const opened = new AsyncDisposableStack();

  beforeAll(async () => {
    database = opened.use(await open());
    backend = postgresQueues(database.pool);
    await backend.prepare();
  });
  afterAll(() => opened.disposeAsync());

  /** Both workers on one ticket that has just come in. */
  async function openDesk(issue: Issue = issueWith(), playbook: Playbook = playbookWith(draft)) {
    const tracker = deskWith(issue);
    const context = { ...workerContext(backend), tracker, playbook: () => playbook };
    const closing = new AsyncDisposableStack();
    closing.use(context);
    closing.use(triageWorker(context));
    closing.use(writeBackWorker(context));
    const [receipt] = await context.ledger.receive([deliveryWith({ issueId: issue.id, issueKey: issue.key })]);
    const serves = { deliveryId: receipt?.id ?? '', attempt: 1 };
    const request = { ...serves, issueId: issue.id, isForced: false, overridesHumans: false, round: 0 };
    const startedAt = performance.now();
    await context.publisher.publish('triage', [request]);
    const story = () => context.ledger.story(issue.key);
    const until = (isSo: (told: Awaited<ReturnType<typeof story>>) => boolean) =>
      vi.waitUntil(async () => isSo(await story()), { timeout: 20_000, interval: 20 });
    return {
      ...{ issue, tracker, context, story, until, startedAt },
      decided: (times = 1) => until(({ decisions }) => decisions.length >= times),
      ended: () => until(({ deliveries }) => deliveries[0]?.state !== 'accepted'),
      [Symbol.asyncDispose]: () => closing.disposeAsync(),
    };
  }

  let desk: Awaited<ReturnType<typeof openDesk>>;
  beforeEach(async () => {
    desk = await openDesk();
    return () => desk[Symbol.asyncDispose]();
  });

  test('is written after its grace, once, however often it is queued again meanwhile', async () => {
    const { publisher, ledger } = desk.context;
    const writes = async () => (await publisher.depths())['write-back'];
    await vi.waitUntil(async () => (await writes())['delayed'] === 1, { timeout: 20_000, interval: 20 });
    for (let again = 0; again < 3; again++)
      expect(await requeue({ ledger, publish: publisher.publish }, { olderThanMs: 0 })).toBe(1);
    expect(await writes()).toMatchObject({ delayed: 1, waiting: 0, active: 0 });
    await desk.ended();
    expect(performance.now() - desk.startedAt).toBeGreaterThanOrEqual(GRACE_MS);
    expect(desk.tracker.now(desk.issue.id).labels).toEqual(['cat-access']);
    expect(desk.tracker.edits).toHaveLength(1);
  });

  test('leaves to people what they set in the meantime', async () => {
    await desk.decided();
    desk.tracker.editAs('agent-ada', desk.issue.id, { labels: ['cat-email'] });
    await desk.ended();
    expect(desk.tracker.edits).toEqual([]);
    expect((await desk.story()).writes).toMatchObject([{ state: 'unchanged', heldBack: { category: 'human-set' } }]);
  });

  test('is made anew when the ticket is rewritten, and the delivery ends with the new one', async () => {
    await desk.decided();
    desk.tracker.change(desk.issue.id, { text: 'It is the printer, sorry.' });
    await desk.decided(2);
    expect((await desk.story()).deliveries[0]?.state).toBe('accepted');
    await desk.ended();
    const { deliveries, decisions, writes } = await desk.story();
    expect(deliveries.map(({ state }) => state)).toEqual(['triaged']);
    expect(decisions.map(({ round }) => round)).toEqual([0, 1]);
    expect(writes.map(({ state }) => state)).toEqual(['superseded', 'applied']);
    expect(desk.tracker.now(desk.issue.id).labels).toEqual(['cat-printer']);
  });

  test('is made anew twice at most, however often the ticket is rewritten', async () => {
    for (const round of [1, 2, 3]) {
      await desk.decided(round);
      desk.tracker.change(desk.issue.id, { text: `The printer, attempt ${round}` });
    }
    await desk.ended();
    const { decisions, writes } = await desk.story();
    expect(decisions.map(({ round }) => round)).toEqual([0, 1, 2]);
    expect(writes.map(({ state }) => state)).toEqual(['superseded', 'superseded', 'applied']);
  });
});
