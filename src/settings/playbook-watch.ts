import { readdirSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';

/** Deeper than `config/` ever is; a link back to its own folder ends here. */
const MAX_DEPTH = 4;

/**
 * Says of a folder, once for each change of its files, that they have come to rest: two calls in a row saw the same.
 * Editors write several files one after the other, and Git checks out one by one. What it compares with first is the
 * folder as it is now.
 */
export function settledChange(folder: string): () => boolean {
  let taken = fingerprintOf(folder);
  let last = taken;
  return () => {
    const now = fingerprintOf(folder);
    const isAtRest = now === last;
    last = now;
    if (!isAtRest || now === taken) return false;
    taken = now;
    return true;
  };
}

/**
 * Something short that is another whenever a file of the folder is. It looks at names, sizes and times, never at content,
 * and behind links, for Kubernetes changes a mounted folder by pointing `..data` elsewhere.
 */
export function fingerprintOf(folder: string): string {
  return entriesOf(folder, 0).join('\n');
}

function entriesOf(folder: string, depth: number): string[] {
  return namesIn(folder).flatMap((name) => {
    const path = join(folder, name);
    if (name === '..data') return [`..data ${targetOf(path)}`];
    // What else Kubernetes keeps there is seen through the links to it; `.git` and drafts of editors are nobody's playbook.
    if (name.startsWith('.') || name.endsWith('~')) return [];
    const stats = statsOf(path);
    if (!stats) return [`${path} gone`];
    if (stats.isDirectory()) return depth < MAX_DEPTH ? entriesOf(path, depth + 1) : [];
    return [`${path} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs} ${stats.ino}`];
  });
}

/** Nothing where the folder is just being replaced: loading it then says what is missing. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** Null for what is gone, leads to itself, or must not be looked at: loading says which where it matters. */
function statsOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return 'nowhere';
  }
}
