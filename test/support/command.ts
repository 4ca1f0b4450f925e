import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { childEnv } from './child-env.ts';

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

/** Runs the `triage` command in a process of its own and returns what it printed; rejects when it fails. */
export async function triageCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [CLI, ...args], {
    env: { ...childEnv(), ...env },
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

/** `triage backfill`, as fast as the site allows. */
export function backfillAll(jql: string, env: Readonly<Record<string, string>>): Promise<string> {
  return triageCommand(['backfill', '--jql', jql, '--pages-per-second', '100'], env);
}
