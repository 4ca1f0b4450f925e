import { writeFileSync } from 'node:fs';
import { MisconfiguredError, messageOf } from '../../domain/errors.ts';
import { authorAt, commitToBranch, type Repository } from './git/branch.ts';
import { type Edited, unifiedDiff } from './git/diff.ts';
import { patchText } from './git/patch.ts';

/** Where a change goes; nowhere: it is only shown. */
export interface Handing {
  readonly patch?: string;
  readonly branch?: string;
  readonly repository: Repository | null;
}

/** Shows a change, and leaves it as a patch or a branch; tells what to do with it next. */
export function hand(
  { files, message }: { readonly files: readonly Edited[]; readonly message: string },
  { patch, branch, repository }: Handing,
): readonly string[] {
  const diffs = files.map(unifiedDiff);
  const lines = ['', message, ...diffs.map((diff) => diff.trimEnd()), ''];
  if (patch !== undefined) {
    const author = (repository && authorAt(repository)) ?? 'triage learn <triage@localhost>';
    save(patch, patchText(diffs, { message, author, at: new Date() }));
    lines.push(`✔ ${patch}: read it, then in the repository: git apply ${patch}`);
  }
  if (branch !== undefined && repository) {
    const commit = commitToBranch(repository, branch, { files, message });
    lines.push(
      `✔ branch ${branch} at ${commit.slice(0, 12)}, not pushed; for a pull request: git push origin ${branch}`,
    );
  }
  if (patch === undefined && branch === undefined)
    lines.push('  nothing was changed; to keep it: --branch NAME, or --patch FILE');
  return lines;
}

function save(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (cause) {
    throw new MisconfiguredError([`--patch ${path} cannot be written: ${messageOf(cause)}`], { cause });
  }
}
