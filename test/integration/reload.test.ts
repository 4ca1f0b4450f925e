import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TEAM_FIELD } from '../support/desk.ts';
import { type TestStage, testStage } from '../support/stage.ts';

const POLL = { timeout: 20_000, interval: 50 };
const REPORTER = 'user-0007';

/** Changes one file of the stage's `config/` in place, as an editor would. */
async function edit(stage: TestStage, name: string, from: string | RegExp, to: string): Promise<void> {
  const path = join(stage.folder, 'config', name);
  const before = await readFile(path, 'utf8');
  const after = before.replace(from, to);
  if (after === before) throw new Error(`nothing to change in ${name}`);
  await writeFile(path, after);
}

const categoriesOf = (labels: readonly string[] | undefined) => labels?.filter((label) => label.startsWith('cat-'));

describe('a running service', () => {
  let stage: TestStage;
  let running: Awaited<ReturnType<TestStage['start']>>;

  beforeAll(async () => {
    stage = await testStage();
    running = await stage.start();
  });
  afterAll(async () => {
    await running[Symbol.asyncDispose]();
    await stage[Symbol.asyncDispose]();
  });

  const decide = async (summary: string) => {
    const { key } = await stage.site.createIssue({ projectKey: 'IT', summary, reporter: REPORTER });
    await stage.site.webhooks.flush();
    await running.admin.idle({ timeoutMs: 30_000 });
    return { key, story: await running.admin.story(key), issue: stage.site.issue(key) };
  };

  it('decides by a changed rule without a restart', async () => {
    const before = await running.admin.status();
    await edit(
      stage,
      'playbook.yaml',
      'rules:\n',
      "rules:\n  - name: quiz\n    when: { textMatches: '^zyzzyva' }\n    then: { category: erp }\n",
    );
    process.kill(running.service.pid, 'SIGHUP');
    await expect.poll(async () => (await running.admin.status()).revision, POLL).not.toBe(before.revision);
    const { story, issue } = await decide('zyzzyva');
    expect(story.decisions.map(({ revision }) => revision)).toEqual([(await running.admin.status()).revision]);
    expect(categoriesOf(issue?.labels)).toEqual(['cat-erp']);
  });

  it('goes on with the last good playbook while a file has faults, and says each with its line', async () => {
    const { revision } = await running.admin.status();
    const good = await readFile(join(stage.folder, 'config', 'teams.yaml'), 'utf8');
    await edit(stage, 'teams.yaml', 'accountId: agent-ruth-meyer', 'accountId: agent-nobody');
    const line = good.split('\n').findIndex((text) => text.includes('agent-ruth-meyer')) + 1;
    const fault = `teams.yaml:${line} teams.Security Operations.members.0.accountId: Jira knows no account \\"agent-nobody\\"`;
    await expect.poll(() => running.service.complaints.join('\n'), POLL).toContain(fault);
    const { story, issue } = await decide('zyzzyva again');
    expect(story.decisions.map((decision) => decision.revision)).toEqual([revision]);
    expect(categoriesOf(issue?.labels)).toEqual(['cat-erp']);
    await writeFile(join(stage.folder, 'config', 'teams.yaml'), `${good}# mended\n`);
    await expect.poll(async () => (await running.admin.status()).revision, POLL).not.toBe(revision);
    expect(running.service.complaints.filter((text) => text.includes('agent-nobody'))).toHaveLength(1);
  });
});

it('a member whom Jira does not know keeps the service from starting, with the line', async () => {
  await using stage = await testStage();
  await edit(stage, 'teams.yaml', 'agent-hans-vogel', 'agent-nobody');
  await expect(stage.start()).rejects.toThrow(/code 1: .*teams\.yaml:\d+ teams\.Business Applications\.members\.0/);
});

it('a field that was deleted in Jira switches its target off, and the others go on', async () => {
  await using stage = await testStage();
  stage.site.administer({ kind: 'delete-field', fieldId: TEAM_FIELD });
  await using running = await stage.start();
  await expect.poll(() => running.service.complaints.join('\n'), POLL).toContain('switched a target off');
  const { key } = await stage.site.createIssue({ projectKey: 'IT', summary: 'VPN drops', reporter: REPORTER });
  await stage.site.webhooks.flush();
  await running.admin.idle({ timeoutMs: 30_000 });
  const { decisions, writes } = await running.admin.story(key);
  expect(Object.keys(decisions[0]?.verdicts ?? {})).not.toContain('team');
  expect(writes.map(({ state }) => state)).toEqual(['applied']);
  expect(categoriesOf(stage.site.issue(key)?.labels)).toHaveLength(1);
});

it('the status tells the models that are asked now', async () => {
  await using stage = await testStage();
  await using running = await stage.start({ OPENAI_BASE_URL: 'http://127.0.0.1:9', OPENAI_MODEL: 'small' });
  expect((await running.admin.status()).models).toEqual([{ endpoint: 'main', model: 'small' }]);
  await edit(stage, 'playbook.yaml', /^model:.*/ms, '');
  process.kill(running.service.pid, 'SIGHUP');
  await expect.poll(async () => (await running.admin.status()).models, POLL).toEqual([]);
});
