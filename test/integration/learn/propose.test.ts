import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compose } from '../../../src/compose.ts';
import { readSettings } from '../../../src/settings/env.ts';
import { loadPlaybook } from '../../../src/settings/playbook-store.ts';
import { startModelServer } from '../../fakes/model/server.ts';
import { PLANTED, type ProposingDesk, proposingDesk } from './desk.ts';

let desk: ProposingDesk;
beforeAll(async () => {
  desk = await proposingDesk();
}, 60_000);
afterAll(() => desk[Symbol.dispose]());

/** All that Git knows of the working tree and of what is staged. */
function stateOf({ repository, git }: ProposingDesk) {
  const index = readFileSync(join(repository, '.git/index')).toString('base64');
  return { index, status: git('status', '--porcelain=v2', '--branch'), diff: git('diff', 'HEAD') };
}

function checkout(name: string): string {
  const folder = join(desk.repository, '..', name);
  desk.git('clone', '--quiet', '--branch', 'main', desk.repository, folder);
  return folder;
}

describe('triage learn propose', () => {
  test('shows the cases, the change and its measure, and changes nothing', async () => {
    const before = stateOf(desk);
    const { code, stdout, stderr } = await desk.propose([]);
    expect({ code, stderr: stderr.replace(/judging.*/g, '').trim() }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^category +network → hardware +7 +7 +3 +examples, description, rule$/m);
    expect(stdout).toMatch(/^category +erp → access +1 +1 +1 +needs 4 more independent corrections$/m);
    expect(stdout).toContain('14 left out: with a security level, or of a restricted project');
    expect(stdout).toContain('+  - name: network → hardware (7 corrections)\n');
    // The restricted tickets give no words, and judge.
    expect(stdout).toMatch(/^\* category, \d+ other tickets: best guess right .*, \+14 −0 \(p = 0\.00012\)$/m);
    expect(stdout).toMatch(
      /^\* category, the 7 corrected tickets themselves \(in-sample, proves nothing\): best guess right .* → 100\.0 %, written .* → 100\.0 %/m,
    );
    expect(stdout).toContain('speak to a model alone: not measured: no model');
    expect(stdout).toContain('nothing was changed; to keep it: --branch NAME, or --patch FILE');
    expect(stateOf(desk)).toEqual(before);
    expect(desk.git('branch', '--list').trim()).toBe('* main');
  });

  test('commits to a branch of its own and leaves all else as it is; a second run refuses it', async () => {
    writeFileSync(join(desk.repository, 'README.md'), 'edited\n');
    writeFileSync(join(desk.repository, 'staged.txt'), 'staged\n');
    desk.git('add', 'staged.txt');
    const before = stateOf(desk);
    const { code, stdout } = await desk.propose(['--branch', 'learn/docking']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /✔ branch learn\/docking at [0-9a-f]{12}, not pushed; for a pull request: git push origin learn\/docking/,
    );
    expect(stateOf(desk)).toEqual(before);
    expect(desk.git('diff', '--name-only', 'main', 'learn/docking').trim().split('\n')).toEqual([
      'desk/config/playbook.yaml',
      'desk/config/prompts/triage.yaml',
      'desk/config/taxonomies/category.yaml',
    ]);
    expect(desk.git('rev-parse', 'learn/docking^')).toBe(desk.git('rev-parse', 'main'));
    const message = desk.git('log', '-1', '--format=%an%n%B', 'learn/docking');
    expect(message).toMatch(/^Ann Agent\nfeat\(config\): learn from 7 corrections: network → hardware\n/);
    expect(message).toMatch(/ {2}because of (IT-\d+(, )?){7}\n/);
    expect(message).toContain('Before → after on past tickets:');

    const again = await desk.propose(['--branch', 'learn/docking']);
    expect(again).toMatchObject({ code: 1, stdout: '' });
    expect(again.stderr).toContain('branch learn/docking exists already');
    expect(await desk.propose(['--branch', 'two..dots'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is no name for a branch'),
    });
  });

  test('what is on the branch loads, keeps comments, and says what was learnt', () => {
    const folder = checkout('clone-of-branch');
    desk.git('-C', folder, 'checkout', '--quiet', 'origin/learn/docking');
    const { rules, taxonomies, prompts } = loadPlaybook(join(folder, 'desk/config'), null);
    expect(rules.at(-1)).toMatchObject({ name: 'network → hardware (7 corrections)' });
    expect(rules.at(-1)?.then).toEqual({ category: 'hardware' });
    expect(taxonomies.get('category')?.values['hardware']?.description).toMatch(/batteries; also: .*docking/);
    expect(prompts.triage?.few_shot).toMatchObject([{ summary: 'Own example' }, {}, {}]);
    const yaml = readFileSync(join(folder, 'desk/config/prompts/triage.yaml'), 'utf8');
    expect(yaml).toContain("summary: 'Own example' # ours");
    const removed = desk.git('diff', '--unified=0', 'main', 'learn/docking').match(/^-(?!--).*/gm);
    expect(removed).toEqual([expect.stringMatching(/^- {2}hardware: \{ description/)]);
  });

  test('a patch says the same, for git apply and git am', async () => {
    const { code, stdout } = await desk.propose(['--patch', 'learn.patch']);
    expect(code).toBe(0);
    expect(stdout).toContain('git apply learn.patch');
    const patch = join(desk.repository, '..', 'learn.patch');
    const [applied, mailed] = [checkout('applied'), checkout('mailed')];
    desk.git('-C', applied, 'apply', '--index', patch);
    expect(desk.git('-C', applied, 'write-tree')).toBe(desk.git('rev-parse', 'learn/docking^{tree}'));
    desk.git('-C', mailed, '-c', 'user.name=B', '-c', 'user.email=b@example.com', 'am', '--quiet', patch);
    expect(desk.git('-C', mailed, 'rev-parse', 'HEAD^{tree}')).toBe(desk.git('rev-parse', 'learn/docking^{tree}'));
    const about = (place: string, ref: string) => desk.git('-C', place, 'log', '-1', '--format=%an%n%B', ref).trim();
    expect(about(mailed, 'HEAD').replace('YOUR-BRANCH', 'learn/docking')).toBe(about(desk.repository, 'learn/docking'));
  });

  test('nothing private or restricted is in any of it', async () => {
    const patch = readFileSync(join(desk.repository, '..', 'learn.patch'), 'utf8');
    const { stdout } = await desk.propose(['--min', '2', '--people', '1']);
    for (const text of [patch, stdout, desk.git('show', 'learn/docking')]) expect(text).not.toMatch(PLANTED);
    expect(patch).toContain('[PERSON_1]');
  });

  test('says what is missing when nothing qualifies', async () => {
    const { code, stdout } = await desk.propose(['--min', '9', '--branch', 'never']);
    expect(code).toBe(0);
    expect(stdout).toContain(
      '✔ nothing to propose: 8 corrections since 90d; it takes 9 independent ones of one mistake by 2 people, the first needs 2 more independent corrections',
    );
    expect(desk.git('branch', '--list', 'never')).toBe('');
    expect((await desk.propose(['--target', 'priority'])).stdout).toContain(
      '✔ nothing to propose: no correction since 90d',
    );
    expect(await desk.propose(['--target', 'gone'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('it has: '),
    });
    expect(await desk.propose(['--since', 'soon'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is no time'),
    });
  });
});

describe('triage learn propose, where something is in the way', () => {
  test('a file that is not committed goes into no branch, but into a patch', async () => {
    desk.edit('playbook.yaml', (text) => `${text}# my own edit\n`);
    const refused = await desk.propose(['--branch', 'mine']);
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('desk/config/playbook.yaml has changes that are not committed'),
    });
    expect(desk.git('branch', '--list', 'mine')).toBe('');
    expect(await desk.propose(['--patch', 'mine.patch'])).toMatchObject({ code: 0 });
    desk.git('checkout', '--', 'desk/config');
  });

  test('a change that config/ cannot take is left out and said', async () => {
    desk.edit('playbook.yaml', (text) =>
      text.replace('targetPrecision: 0.7\n', 'targetPrecision: 0.7\n    classes: { hardware: { exclude: true } }\n'),
    );
    const { stdout } = await desk.propose([]);
    desk.git('checkout', '--', 'desk/config');
    expect(stdout).toMatch(
      /! left out, for config\/ cannot take it: “docking station” → hardware: .*"hardware" is excluded/,
    );
    expect(stdout).toMatch(/^category +network → hardware +7 +7 +3 +examples, description$/m);
    expect(stdout).not.toContain('+  - name: network');
  });

  test('without a repository there is a patch and no branch', async () => {
    const alone = join(desk.repository, '..', 'alone');
    mkdirSync(alone);
    cpSync(join(desk.repository, 'desk/config'), join(alone, 'config'), { recursive: true });
    const env = { CONFIG_DIR: join(alone, 'config') };
    expect(await desk.propose(['--branch', 'x'], env)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is in no Git repository: use --patch FILE'),
    });
    expect(await desk.propose(['--patch', 'alone.patch'], env)).toMatchObject({ code: 0 });
    desk.git('-C', alone, 'apply', '--unsafe-paths', join(alone, '../alone.patch'));
    expect(loadPlaybook(env.CONFIG_DIR, null).rules).toHaveLength(2);
    rmSync(alone, { recursive: true });
    expect(await desk.propose(['--patch', 'no/such/folder.patch'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--patch no/such/folder.patch cannot be written'),
    });
  });

  test('a folder that the service holds is not opened', async () => {
    await using context = await compose({ ...readSettings(desk.env), logLevel: 'silent' });
    expect(context.playbook().projects).toEqual(['IT', 'HR']);
    const { code, stderr } = await desk.propose([]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/is in use by .*Stop that process, .* or set DATABASE_URL/);
  });
});

describe('triage learn propose --rung ladder', () => {
  test('measures what only a model listens to, on a sample, when somebody agrees', async () => {
    await using server = await startModelServer();
    const env = { OPENAI_BASE_URL: server.url, OPENAI_API_KEY: 'a-key' };
    const args = ['--rung', 'ladder', '--sample', '6', '--answers', 'answers.jsonl'];
    const refused = await desk.propose(args, env);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('run it in a terminal, or with --yes') });
    expect(server.requests).toHaveLength(0);
    const { code, stdout } = await desk.propose([...args, '--yes'], env);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\* category, 6 other tickets: best guess right/m);
    expect(stdout).toMatch(/^\* category, the 6 corrected tickets themselves/m);
    expect(stdout).not.toContain('not measured');
    expect(server.requests.length).toBeGreaterThan(12);
    expect(existsSync(join(desk.repository, '..', 'answers.jsonl'))).toBe(true);
  });

  test('says so when there is nobody to ask', async () => {
    const { code, stdout } = await desk.propose(['--rung', 'ladder']);
    expect(code).toBe(0);
    expect(stdout).toContain('category is not measured: nobody to ask: set OPENAI_API_KEY');
  });
});
