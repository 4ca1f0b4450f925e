import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type QdrantServer, startQdrantServer } from '../fakes/qdrant/server.ts';
import { triageCommand } from '../support/command.ts';
import { deskTickets, newDraft } from '../support/desk.ts';
import { type TestStage, testStage } from '../support/stage.ts';

const API_KEY = 'a-key-of-the-test';
const { fresh, history } = deskTickets();

describe('the service with its memory in Qdrant', () => {
  const opened = new AsyncDisposableStack();
  let qdrant: QdrantServer;
  let stage: TestStage;
  let running: Awaited<ReturnType<TestStage['start']>>;
  let copied = '';
  let next = 0;

  beforeAll(async () => {
    qdrant = opened.use(await startQdrantServer({ apiKey: API_KEY }));
    stage = opened.use(await testStage());
    const env = { QDRANT_URL: qdrant.url, QDRANT_API_KEY: API_KEY };
    copied = await triageCommand(['memory', 'copy'], { ...stage.env, ...env });
    running = opened.use(await stage.start(env));
  });
  afterAll(() => opened.disposeAsync());

  const decisionOnNew = async () => {
    const { key } = await stage.site.createIssue(newDraft(fresh[next++] ?? expect.fail('no tickets')));
    await stage.site.webhooks.flush();
    await running.admin.idle({ timeoutMs: 30_000 });
    const [decision] = (await running.admin.story(key)).decisions;
    return { decision, edits: stage.site.edits(key).map(({ kind }) => kind) };
  };

  it('starts with what was copied from the database', () => {
    expect(copied).toMatch(new RegExp(`${history.length} of ${history.length} past tickets copied`));
  });

  it('decides by past tickets', async () => {
    const { decision, edits } = await decisionOnNew();
    expect(decision).toMatchObject({ degraded: false });
    expect(decision?.evidence.length).toBeGreaterThan(0);
    expect(edits).toEqual(['edit']);
  });

  it('decides without them while Qdrant is away, says so, and stays ready', async () => {
    qdrant.meet(() => ({ kind: 'cut' }));
    const { decision } = await decisionOnNew();
    expect(decision).toMatchObject({ degraded: true, retrieval: 'degraded', evidence: [] });
    expect(decision?.degradedBecause).toMatch(/past tickets could not be looked up/);
    expect((await fetch(`${running.service.opsUrl}/readyz`)).status).toBe(200);
  });

  it('decides by them again when Qdrant is back', async () => {
    qdrant.meet(() => null);
    await expect.poll(async () => (await decisionOnNew()).decision?.degraded, { timeout: 20_000 }).toBe(false);
    expect(qdrant.violations).toEqual([]);
  });
});
