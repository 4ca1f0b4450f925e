import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  authorAt,
  commitToBranch,
  type Repository,
  refuseBranch,
  repositoryAt,
} from '../../../../../src/cli/learn/git/branch.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'jira-triage-branch-'));
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'user.name', 'Ann Ångström');
  git('config', 'user.email', 'ann@example.com');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const git = (...args: readonly string[]) =>
  execFileSync('git', ['-C', root, ...args], { encoding: 'utf8', stdio: 'pipe' });
const here = (): Repository => repositoryAt(root) ?? { root: '', prefix: 'none' };
const edited = (path: string, before: string, after: string) => ({
  files: [{ path, before, after }],
  message: 'why\n',
});

function committed(files: Readonly<Record<string, string | Buffer>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  git('add', '.');
  git('commit', '--quiet', '--message=base');
}

describe('a branch beside HEAD', () => {
  test('differs from it in the one file, whatever else is in the tree', () => {
    committed({ 'a/config/x.yaml': 'old\n', 'a/config/größe 打印.yaml': 'y', 'a/b': 'z', 'a/run.sh': '#!' });
    git('update-index', '--chmod=+x', 'a/run.sh');
    git('update-index', '--add', '--cacheinfo', `160000,${git('rev-parse', 'HEAD').trim()},module`);
    const blob = git('rev-parse', 'HEAD:a/b').trim();
    const latin1 = Buffer.concat([Buffer.from(`100644 ${blob}\ta/`), Buffer.from([0xe4, 0xf6]), Buffer.from('\n')]);
    execFileSync('git', ['-C', root, 'update-index', '--index-info'], { input: latin1 });
    git('commit', '--quiet', '--message=odd');
    const commit = commitToBranch(here(), 'new/one', edited('a/config/x.yaml', 'old\n', 'new\n'));
    expect(git('diff', '--raw', '--abbrev=4', 'main', 'new/one')).toMatch(
      /^:100644 100644 \w+ \w+ M\ta\/config\/x\.yaml\n$/,
    );
    expect(git('show', 'new/one:a/config/x.yaml')).toBe('new\n');
    expect(git('rev-parse', 'new/one').trim()).toBe(commit);
    expect(git('fsck', '--strict')).toBe('');
  });

  test('begins at a detached HEAD too, and with line ends as Git keeps them', () => {
    git('config', 'core.autocrlf', 'true');
    committed({ 'x.yaml': 'old\r\n' });
    git('checkout', '--quiet', '--detach');
    commitToBranch(here(), 'new', edited('x.yaml', 'old\r\n', 'old\r\nnew\r\n'));
    expect(git('cat-file', 'blob', 'new:x.yaml')).toBe('old\nnew\n');
  });

  test('is not made over one that somebody made meanwhile', () => {
    committed({ 'x.yaml': 'old' });
    git('branch', 'new');
    expect(() => commitToBranch(here(), 'new', edited('x.yaml', 'old', 'new'))).toThrow(/git update-ref failed/);
    expect(git('rev-parse', 'new')).toBe(git('rev-parse', 'main'));
    expect(() => refuseBranch(here(), 'new')).toThrow('branch new exists already');
  });

  test('is refused where a file is not what HEAD has, or not in it', () => {
    committed({ 'x.yaml': 'old' });
    expect(() => commitToBranch(here(), 'new', edited('x.yaml', 'edited', 'new'))).toThrow(
      'has changes that are not committed',
    );
    expect(() => commitToBranch(here(), 'new', edited('y.yaml', '', 'new'))).toThrow('y.yaml is not committed');
    expect(git('branch', '--list', 'new')).toBe('');
  });

  test('is refused before the first commit, and under names that are none', () => {
    expect(() => refuseBranch(here(), 'new')).toThrow('has no commit to begin a branch at');
    committed({ 'x.yaml': 'old' });
    for (const name of ['', '-x', 'a..b', 'a b', 'x.lock', '@{-1}']) expect(() => refuseBranch(here(), name)).toThrow();
    expect(() => refuseBranch(here(), 'fine/name')).not.toThrow();
  });

  test('needs a repository, and is signed by whoever Git knows', () => {
    mkdirSync(join(root, 'desk/config'), { recursive: true });
    expect(repositoryAt(join(root, 'desk/config'))?.prefix).toBe('desk/config/');
    expect(repositoryAt(tmpdir())).toBeNull();
    expect(repositoryAt(join(root, 'gone'))).toBeNull();
    expect(authorAt(here())).toBe('Ann Ångström <ann@example.com>');
  });
});
