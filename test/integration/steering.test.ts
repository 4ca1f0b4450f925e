import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { triageCommand } from '../support/command.ts';
import { deskTickets, newDraft } from '../support/desk.ts';
import { ADMIN_TOKEN } from '../support/env.ts';
import { type TestStage, testStage } from '../support/stage.ts';

const { fresh } = deskTickets();

describe('steering a service', () => {
  let stage: TestStage;
  let running: Awaited<ReturnType<TestStage['start']>>;
  let next = 0;

  beforeAll(async () => {
    stage = await testStage();
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
  const triaged = async (parts: { labels?: string[] } = {}) => {
    const chosen = fresh[next++ % fresh.length];
    if (!chosen) throw new Error('no tickets');
    const { key } = await stage.site.createIssue({ ...newDraft(chosen), ...parts });
    await settle();
    return key;
  };
  const far = (...args: readonly string[]) =>
    triageCommand([...args, '--service', running.service.opsUrl], { ADMIN_TOKEN });
  const editsOf = (key: string) => stage.site.edits(key).filter(({ kind }) => kind === 'edit');

  it('takes back what it wrote where nobody touched it since, and brings it back', async () => {
    const key = await triaged();
    const before = stage.site.issue(key);
    const [decided] = (await running.admin.story(key)).writes;
    await stage.site.editAs('agent-lena-brandt', key, { assignee: 'agent-tom-becker' });
    await settle();
    const { undos } = await running.admin.undo({ issue: key, actor: 'lena' });
    const undone = await running.admin.write(undos[0]?.id ?? '');
    expect(undone).toMatchObject({ state: 'applied', undoes: decided?.decisionId });
    expect(undone.heldBack).toMatchObject({ assignee: 'human-set' });
    expect(stage.site.issue(key)).toMatchObject({ labels: [], assignee: 'agent-tom-becker' });
    await settle();
    const redo = await running.admin.undo({ decision: undone.decisionId });
    expect(await running.admin.write(redo.undos[0]?.id ?? '')).toMatchObject({ state: 'applied' });
    expect(stage.site.issue(key)).toMatchObject({ labels: before?.labels, assignee: 'agent-tom-becker' });
    expect(editsOf(key)).toHaveLength(3);
    await settle();
    expect((await running.admin.story(key)).writes.map(({ state }) => state)).toEqual([
      'applied',
      'applied',
      'applied',
    ]);
  });

  it('does not write a decision again that was taken back, also when its webhook comes again', async () => {
    const key = await triaged();
    const { undos } = await running.admin.undo({ issue: key });
    await running.admin.write(undos[0]?.id ?? '');
    const delivery = stage.site.webhooks.deliveries().find(({ issueKey }) => issueKey === key);
    stage.site.webhooks.redeliver(delivery?.id ?? '');
    await settle();
    expect(stage.site.issue(key)?.labels).toEqual([]);
    expect(editsOf(key)).toHaveLength(2);
  });

  it('takes back a whole revision from the command line, and tells what it did', async () => {
    const keys = [await triaged(), await triaged()];
    const { revision } = await running.admin.status();
    const outlook = await far('undo', '--revision', revision, '--since', '10m', '--dry-run');
    for (const key of keys) expect(outlook).toContain(key);
    expect(keys.map((key) => editsOf(key).length)).toEqual([1, 1]);
    await expect(far('undo', '--revision', revision, '--since', '10m')).rejects.toThrow('nobody is here to agree');
    const done = await far('undo', '--revision', revision, '--since', '10m', '--yes', '--actor', 'lena');
    expect(done).toMatch(/✔ (\d+) of \1 writes taken back/);
    expect(keys.map((key) => stage.site.issue(key)?.labels)).toEqual([[], []]);
    const again = await far('undo', '--revision', revision, '--since', '10m', '--yes');
    expect(again).toContain('✔ nothing was taken back');
    expect(await far('audit')).toMatch(/lena +undo +revision .* writes/);
  });

  it('decides again on what a query finds, over a person’s value only when it is said, and takes that back too', async () => {
    const key = await triaged({ labels: ['cat-helios-project'] });
    expect(await far('reclassify', '--jql', `key = ${key}`, '--yes')).toContain('✔ 1 ticket queued');
    await settle();
    expect(stage.site.issue(key)?.labels).toEqual(['cat-helios-project']);
    await far('reclassify', '--issue', key, '--override-humans', '--yes', '--actor', 'lena');
    await settle();
    const { decisions } = await running.admin.story(key);
    expect(decisions.map(({ overridesHumans }) => overridesHumans)).toEqual([false, false, true]);
    expect(stage.site.issue(key)?.labels).not.toEqual(['cat-helios-project']);
    expect(await far('audit')).toMatch(new RegExp(`lena +override-humans +${key}`));
    const { undos } = await running.admin.undo({ decision: decisions.at(-1)?.id ?? '' });
    await running.admin.write(undos[0]?.id ?? '');
    expect(stage.site.issue(key)?.labels).toEqual(['cat-helios-project']);
    await expect(far('reclassify', '--jql', 'no such thing !', '--yes')).rejects.toThrow('Jira refuses to search');
  });

  it('without an address, a folder in use says how to ask who uses it', async () => {
    const here = triageCommand(['brakes'], stage.env);
    await expect(here).rejects.toThrow(/in use by process \d+[\s\S]*--service http/);
  });

  it('lists no brakes where there are none, and how what was written fared', async () => {
    expect(await far('brakes')).toContain('no brake is on');
    await expect(far('brakes', 'release', 'b-1')).rejects.toThrow('no brake b-1 is on');
    expect(await far('quality')).toMatch(/^since 20/);
  });
});

describe('steering without a service', () => {
  it('takes back at once, and queues what is to be decided again', async () => {
    await using stage = await testStage();
    const first = await stage.start();
    const [ticket] = fresh;
    if (!ticket) throw new Error('no tickets');
    const { key } = await stage.site.createIssue(newDraft(ticket));
    await stage.site.webhooks.flush();
    await first.admin.idle({ timeoutMs: 20_000 });
    await first.service.stop();
    const done = await triageCommand(['undo', '--issue', key, '--yes', '--per-second', '100'], stage.env);
    expect(done).toContain('✔ 1 of 1 writes taken back');
    expect(stage.site.issue(key)?.labels).toEqual([]);
    const queued = await triageCommand(['reclassify', '--issue', key], stage.env);
    expect(queued).toContain('decided when the service runs');
    await using again = await stage.start();
    await again.admin.idle({ timeoutMs: 20_000 });
    expect(stage.site.issue(key)?.labels).toHaveLength(1);
    expect((await again.admin.story(key)).writes.map(({ state }) => state)).toEqual(['applied', 'applied', 'applied']);
    expect(stage.site.edits(key).filter(({ kind }) => kind === 'edit')).toHaveLength(3);
  });
});
