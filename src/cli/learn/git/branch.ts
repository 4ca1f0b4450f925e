import { execFileSync } from 'node:child_process';
import { MisconfiguredError } from '../../../domain/errors.ts';
import type { Edited } from './diff.ts';

/** The repository that holds a folder. */
export interface Repository {
  readonly root: string;
  /** The folder inside of it, ending with a slash; '' for the root itself. */
  readonly prefix: string;
}

/** Null where there is no Git, or no repository. */
export function repositoryAt(folder: string): Repository | null {
  try {
    const [root = '', prefix = ''] = git(folder, ['rev-parse', '--show-toplevel', '--show-prefix']).split('\n');
    return root === '' ? null : { root, prefix };
  } catch (error) {
    if (error instanceof MisconfiguredError) return null;
    throw error;
  }
}

/** Throws `MisconfiguredError` where no branch of this name can be made from what is committed. */
export function refuseBranch({ root }: Repository, name: string): void {
  git(root, ['check-ref-format', '--branch', name], { why: `--branch ${name} is no name for a branch` });
  git(root, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], {
    why: `${root} has no commit to begin a branch at`,
  });
  if (git(root, ['for-each-ref', '--format=%(refname)', refOf(name)]) !== '')
    throw new MisconfiguredError([
      `branch ${name} exists already: choose another name, or delete it with git branch -D ${name}`,
    ]);
}

/**
 * Commits files to a new branch beside HEAD and returns the commit. Only objects and that one reference are written:
 * neither the working tree nor the index is looked at or touched, and nothing is pushed. Throws `MisconfiguredError`
 * when a file is not committed as it was, or when the branch exists.
 */
export function commitToBranch(
  repository: Repository,
  name: string,
  { files, message }: { readonly files: readonly Edited[]; readonly message: string },
): string {
  const { root } = repository;
  const head = git(root, ['rev-parse', '--verify', 'HEAD^{commit}']);
  let tree = git(root, ['rev-parse', `${head}^{tree}`]);
  for (const { path, before, after } of files) {
    refuseUncommitted(repository, { path, before });
    const blob = git(root, ['hash-object', '-w', '--stdin', `--path=${path}`], { input: Buffer.from(after) });
    tree = treeWith(root, tree, { parts: path.split('/'), blob });
  }
  const commit = git(root, ['commit-tree', tree, '-p', head], { input: Buffer.from(message) });
  // The empty old value lets it fail when somebody made the branch meanwhile.
  git(root, ['update-ref', refOf(name), commit, '']);
  return commit;
}

/** Who commits here, as `Name <address>`; null when Git does not know. */
export function authorAt({ root }: Repository): string | null {
  try {
    return git(root, ['var', 'GIT_AUTHOR_IDENT']).replace(/ \d+ [+-]\d{4}$/, '');
  } catch (error) {
    if (error instanceof MisconfiguredError) return null;
    throw error;
  }
}

function refOf(name: string): string {
  return `refs/heads/${name}`;
}

/**
 * A change is made from a file as it lies here, and uncommitted edits in it must not slip into the branch. Throws
 * `MisconfiguredError` where there are some.
 */
export function refuseUncommitted({ root }: Repository, { path, before }: Pick<Edited, 'path' | 'before'>): void {
  const here = git(root, ['hash-object', '--stdin', `--path=${path}`], { input: Buffer.from(before) });
  const why = `${path} is not committed: commit it first, or use --patch FILE`;
  if (git(root, ['rev-parse', '--verify', '--quiet', `HEAD:${path}`], { why }) !== here)
    throw new MisconfiguredError([
      `${path} has changes that are not committed: commit them first, or use --patch FILE`,
    ]);
}

/** A tree with another blob at a path. Names of files are bytes, not text. */
function treeWith(
  root: string,
  tree: string,
  { parts: [first = '', ...rest], blob }: { readonly parts: readonly string[]; readonly blob: string },
): string {
  const name = Buffer.from(first).toString('latin1');
  const entries = git(root, ['ls-tree', '-z', tree], { encoding: 'latin1' })
    .split('\0')
    .filter((entry) => entry !== '');
  const changed = entries.map((entry) => {
    const [mode = '', , hash = ''] = entry.split(/[ \t]/, 3);
    if (entry.slice(entry.indexOf('\t') + 1) !== name) return entry;
    if (rest.length === 0) return `${mode} blob ${blob}\t${name}`;
    return `${mode} tree ${treeWith(root, hash, { parts: rest, blob })}\t${name}`;
  });
  const input = Buffer.from(changed.map((entry) => `${entry}\0`).join(''), 'latin1');
  return git(root, ['mktree', '-z', '--missing'], { input });
}

interface GitOptions {
  readonly input?: Buffer;
  readonly encoding?: 'utf8' | 'latin1';
  /** What a failure means, instead of Git's own words. */
  readonly why?: string;
}

function git(folder: string, args: readonly string[], { input, encoding = 'utf8', why }: GitOptions = {}): string {
  try {
    const output = execFileSync('git', ['-C', folder, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      maxBuffer: 64 * 1024 * 1024,
      ...(input ? { input } : {}),
    });
    return output.toString(encoding).replace(/\n$/, '');
  } catch (cause) {
    throw new MisconfiguredError([why ?? `git ${args[0]} failed: ${wordsOf(cause)}`], { cause });
  }
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const stderr = 'stderr' in error ? String(error.stderr).trim() : '';
  return stderr === '' ? error.message : stderr.split('\n').join(' ');
}
