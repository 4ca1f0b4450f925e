import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { MisconfiguredError } from '../../domain/errors.ts';
import type { Playbook } from '../../domain/playbook/playbook.ts';
import type { Change } from '../../feedback/propose/change.ts';
import { loadPlaybook } from '../../settings/playbook-store.ts';
import type { Edited } from './git/diff.ts';

/** `config/` with changes made, somewhere else. */
export interface Draft {
  readonly before: Playbook;
  readonly after: Playbook;
  /** Paths inside `config/`. */
  readonly files: readonly Edited[];
  readonly kept: readonly Change[];
  /** Changes that the playbook cannot take, each with the reason. */
  readonly dropped: readonly string[];
}

/** Makes each change in a copy of the folder and loads it; one that is at fault is taken out again. */
export function draft(changes: readonly Change[], folder: string): Draft {
  const scratch = mkdtempSync(join(tmpdir(), 'jira-triage-draft-'));
  try {
    // Mounted folders hold links; a repository's own data is no configuration.
    const isConfig = (path: string) => !['.git', 'node_modules'].includes(basename(path));
    cpSync(folder, scratch, { recursive: true, dereference: true, filter: isConfig });
    return draftIn(scratch, changes);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function draftIn(scratch: string, changes: readonly Change[]): Draft {
  const before = loadPlaybook(scratch, 'before');
  const originals = new Map<string, string>();
  const kept: Change[] = [];
  const dropped: string[] = [];
  let after = before;
  for (const change of changes) {
    const path = join(scratch, change.file);
    const source = readFileSync(path, 'utf8');
    try {
      writeFileSync(path, change.apply(source));
      after = loadPlaybook(scratch, 'proposed');
      if (!originals.has(change.file)) originals.set(change.file, source);
      kept.push(change);
    } catch (error) {
      if (!(error instanceof MisconfiguredError)) throw error;
      writeFileSync(path, source);
      dropped.push(`${change.what}: ${error.faults.join('; ')}`);
    }
  }
  const files = [...originals].map(([path, original]) => ({
    path,
    before: original,
    after: readFileSync(join(scratch, path), 'utf8'),
  }));
  return { before, after, files, kept, dropped };
}
