import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownDatabase } from '../support/database.ts';
import { deskTickets, newDraft, TEAM_FIELD } from '../support/desk.ts';
import { AUTOMATION_SECRET } from '../support/env.ts';
import { startService } from '../support/service.ts';
import { type TestStage, testStage } from '../support/stage.ts';

const redisUrl = process.env['TEST_REDIS_URL'] || undefined;
const databaseUrl = process.env['TEST_DATABASE_URL'] || undefined;
const { fresh } = deskTickets();

describe('the whole service on one folder', () => {
  let stage: TestStage;
  let running: Awaited<ReturnType<TestStage['start']>>;
  let next = 0;

  beforeAll(async () => {
    stage = await testStage({
      site: {
        projects: [
          { key: 'IT', components: componentsOf(), issueTypes: ['Incident', 'Service Request'] },
          { key: 'HR' },
        ],
      },
    });
    running = await stage.start();
  });
  afterAll(async () => {
    await running[Symbol.asyncDispose]();
    await stage[Symbol.asyncDispose]();
  });

  const settle = async () => {
    await stage.site.webhooks.flush();
    await running.admin.idle({ timeoutMs: 30_000 });
  };
  const ticket = () => {
    const chosen = fresh[next++ % fresh.length];
    if (!chosen) throw new Error('no tickets');
    return newDraft(chosen);
  };

  it('labels, routes and assigns a new ticket in one edit and marks it', async () => {
    const { key } = await stage.site.createIssue(ticket());
    await settle();
    const issue = stage.site.issue(key);
    const edits = stage.site.edits(key);
    expect(edits.map(({ kind }) => kind)).toEqual(['edit']);
    expect(issue?.labels.filter((label) => label.startsWith('cat-'))).toHaveLength(1);
    expect(Object.keys(issue?.custom ?? {})).toEqual([TEAM_FIELD]);
    expect(Object.keys(issue?.properties ?? {})).toEqual(['jira-triage']);
    expect(stage.site.violations).toEqual([]);
  });

  it('records an ignored delivery with its reason: foreign project, issue gone', async () => {
    const foreign = await stage.site.createIssue({ ...ticket(), projectKey: 'HR', issueType: 'Task' });
    stage.site.webhooks.pause();
    const { key } = await stage.site.createIssue(ticket());
    stage.site.deleteIssue(key);
    stage.site.webhooks.resume();
    await settle();
    const reasons = async (issueKey: string) =>
      (await running.admin.story(issueKey)).deliveries.map(({ reason }) => reason);
    expect(await reasons(foreign.key)).toEqual(['project HR is not in the playbook']);
    expect(await reasons(key)).toContain('the issue is gone or not visible to us');
    const states = (await running.admin.story(key)).deliveries.map(({ state }) => state);
    expect(states.toSorted()).toEqual(['forgotten', 'ignored']);
  });

  it('leaves a value alone that a person set before the service came to write', async () => {
    const { key } = await stage.site.createIssue({
      ...ticket(),
      labels: ['cat-printing'],
      assignee: 'agent-tom-becker',
    });
    await settle();
    expect(stage.site.issue(key)?.labels).toEqual(['cat-printing']);
    expect(stage.site.issue(key)?.assignee).toBe('agent-tom-becker');
    const [decision] = (await running.admin.story(key)).decisions;
    for (const target of ['category', 'assignee'])
      expect(decision?.verdicts[target]).toMatchObject({ kind: 'abstain', reason: 'human-set' });
  });

  it('does not bring back what a person took away, not even on a reclassify', async () => {
    const { key } = await stage.site.createIssue(ticket());
    await settle();
    const [label] = stage.site.issue(key)?.labels ?? [];
    await stage.site.editAs('agent-lena-brandt', key, { removeLabels: [label ?? ''] });
    await running.admin.reclassify(key);
    await settle();
    expect(stage.site.issue(key)?.labels).toEqual([]);
    const story = await running.admin.story(key);
    expect(story.decisions).toHaveLength(2);
    expect(story.writes.at(-1)?.heldBack).toMatchObject({ category: 'human-set' });
  });

  it('records a field that Jira does not let it write, and writes the others', async () => {
    const { key } = await stage.site.createIssue(ticket());
    await settle();
    stage.site.setOptions(TEAM_FIELD, ['Some other team']);
    const second = await stage.site.createIssue(ticket());
    await settle();
    const [write] = (await running.admin.story(second.key)).writes;
    expect(write?.heldBack).toMatchObject({ team: 'no-allowed-value' });
    expect(stage.site.issue(second.key)?.labels).toHaveLength(1);
    expect(stage.site.issue(key)?.labels).toHaveLength(1);
    stage.site.setOptions(TEAM_FIELD, [...new Set(deskTickets().history.map(({ team }) => team))]);
  });

  it('runs a delivery again that failed before, and not one that succeeded', async () => {
    stage.site.setPermission('BROWSE_PROJECTS', true);
    stage.site.faults.next({
      match: { method: 'GET', path: /\/issue\// },
      times: 1,
      status: 400,
      body: { errorMessages: ['no'], errors: {} },
    });
    const { key } = await stage.site.createIssue(ticket());
    await settle();
    expect((await running.admin.story(key)).deliveries.map(({ state }) => state)).toEqual(['failed']);
    const id = stage.site.webhooks.deliveries().find(({ issueKey }) => issueKey === key)?.id ?? '';
    stage.site.webhooks.redeliver(id);
    await settle();
    stage.site.webhooks.redeliver(id);
    await settle();
    const [delivery] = (await running.admin.story(key)).deliveries;
    expect({ state: delivery?.state, attempt: delivery?.attempt }).toEqual({ state: 'triaged', attempt: 2 });
    expect(stage.site.edits(key).filter(({ kind }) => kind === 'edit')).toHaveLength(1);
  });

  it('rides out rate limits and passing errors of Jira without losing or repeating the edit', async () => {
    stage.site.faults.next({ match: { method: 'PUT' }, times: 1, status: 503, html: '<html>maintenance</html>' });
    stage.site.faults.next({
      match: { method: 'PUT' },
      times: 1,
      status: 200,
      html: '<html>login</html>',
      applied: true,
    });
    const { key } = await stage.site.createIssue(ticket());
    await settle();
    expect((await running.admin.story(key)).writes.map(({ state }) => state)).toEqual(['applied']);
    expect(stage.site.edits(key).filter(({ kind }) => kind === 'edit')).toHaveLength(1);
  });

  it('takes Automation for Jira through the second door in both formats', async () => {
    const send = (body: unknown, secret: string) =>
      fetch(`${running.service.url}/webhooks/automation`, {
        method: 'POST',
        headers: { 'x-triage-secret': secret },
        body: JSON.stringify(body),
      });
    const bare = stage.site.addIssue(ticket());
    const wrapped = stage.site.addIssue(ticket());
    const fields = { project: { key: 'IT' } };
    expect((await send({ id: Number(bare.id), key: bare.key, fields }, AUTOMATION_SECRET)).status).toBe(202);
    expect(
      (await send({ issue: { id: Number(wrapped.id), key: wrapped.key, fields } }, AUTOMATION_SECRET)).status,
    ).toBe(202);
    expect((await send({ issue: {} }, 'wrong')).status).toBe(401);
    await settle();
    expect(stage.site.edits(bare.key)).toHaveLength(1);
    expect(stage.site.edits(wrapped.key)).toHaveLength(1);
  });

  it('learns a finished ticket and forgets a deleted one', async () => {
    const before = (await running.admin.status()).pastTickets ?? 0;
    const { key } = await stage.site.createIssue(ticket());
    await stage.site.editAs('agent-lena-brandt', key, { status: 'Done', resolution: 'Done' });
    await settle();
    expect((await running.admin.status()).pastTickets).toBe(before + 1);
    stage.site.deleteIssue(key);
    await settle();
    expect((await running.admin.status()).pastTickets).toBe(before);
  });

  it('refuses a second process on the same folder within a second, naming the holder', async () => {
    const startedAt = performance.now();
    const attempt = startService({ ...stage.env, PORT: '0' });
    await expect(attempt).rejects.toThrow(new RegExp(`in use by process ${running.service.pid} `));
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});

describe('starting', () => {
  it('prints every fault of a broken playbook and exits 1', async () => {
    await using stage = await testStage();
    const config = join(stage.folder, 'broken');
    await mkdir(config);
    await writeFile(
      join(config, 'playbook.yaml'),
      'projects: [it]\ntargets:\n  category:\n    kind: label\n    prefix: x\n    targetPrecision: 7\n',
    );
    const start = startService({ ...stage.env, CONFIG_DIR: config });
    await expect(start).rejects.toThrow(
      /code 1: .*playbook\.yaml:1 projects\.0: .*\n.*playbook\.yaml:5 targets\.category\.prefix: .*\n.*playbook\.yaml:6 targets\.category\.targetPrecision: /,
    );
  });

  it('changes nothing in Jira until writes are switched on', async () => {
    await using stage = await testStage();
    await using running = await stage.start({ TRIAGE_WRITES: 'off' });
    const [first] = fresh;
    if (!first) throw new Error('no tickets');
    const { key } = await stage.site.createIssue(newDraft(first));
    await stage.site.webhooks.flush();
    await running.admin.idle({ timeoutMs: 20_000 });
    expect(stage.site.edits(key)).toEqual([]);
    expect((await running.admin.story(key)).writes.map(({ state }) => state)).toEqual(['dry-run']);
  });
});

describe.each([
  // Databases of their own: the contract suite empties the one in TEST_REDIS_URL.
  { name: 'Redis', needs: [redisUrl], redisDatabase: 14 },
  { name: 'PostgreSQL', needs: [databaseUrl], redisDatabase: 0 },
  { name: 'PostgreSQL and Redis', needs: [databaseUrl, redisUrl], redisDatabase: 15 },
])('the same service on $name', ({ name, needs, redisDatabase }) => {
  const isAtHand = needs.every((url) => url !== undefined);
  if (!isAtHand) process.stdout.write(`skipped without TEST_REDIS_URL or TEST_DATABASE_URL: the service on ${name}\n`);

  it.runIf(isAtHand)('triages each of 40 tickets with one edit', async () => {
    await using opened = new AsyncDisposableStack();
    const env: Record<string, string> = {};
    if (needs.includes(databaseUrl)) env['DATABASE_URL'] = opened.use(await ownDatabase(databaseUrl ?? '')).url;
    if (needs.includes(redisUrl)) env['REDIS_URL'] = new URL(`/${redisDatabase}`, redisUrl).href;
    const stage = opened.use(await testStage({ env, events: ['jira:issue_created'] }));
    const running = opened.use(await stage.start());
    const keys: string[] = [];
    for (const draft of fresh.slice(0, 40).map(newDraft)) keys.push((await stage.site.createIssue(draft)).key);
    await stage.site.webhooks.flush();
    await running.admin.idle({ timeoutMs: 40_000 });
    expect(keys.map((key) => stage.site.edits(key).length)).toEqual(keys.map(() => 1));
  });
});

function componentsOf(): string[] {
  return [...new Set(deskTickets().history.map(({ component }) => component))];
}
