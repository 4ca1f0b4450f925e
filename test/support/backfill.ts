import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

/** Runs `triage backfill` in a process of its own, as fast as the site allows; returns what it printed. */
export async function backfillAll(jql: string, env: Readonly<Record<string, string>>): Promise<string> {
  const args = [CLI, 'backfill', '--jql', jql, '--pages-per-second', '100'];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });
  return stdout;
}
