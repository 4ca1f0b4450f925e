import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, test } from 'vitest';
import { lockFolder } from '../../../src/adapters/pglite/folder-lock.ts';
import { MisconfiguredError } from '../../../src/domain/errors.ts';

const folders: string[] = [];
const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) if (child.exitCode === null && child.signalCode === null) await kill(child);
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'triage-lock-'));
  folders.push(folder);
  return folder;
}

const MODULE = new URL('../../../src/adapters/pglite/folder-lock.ts', import.meta.url).href;
const SCRIPT = `
  const { lockFolder } = await import(${JSON.stringify(MODULE)});
  try {
    lockFolder(process.argv[1]);
    console.log('held');
    setInterval(() => {}, 1000);
  } catch (error) {
    console.log(error.name + ': ' + error.message);
    process.exit(1);
  }
`;

/** Another process that tries to hold the folder, and the first thing it says. */
async function contend(folder: string): Promise<{ child: ChildProcess; said: string }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', SCRIPT, folder], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  if (!child.stdout) throw new Error('no standard output');
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return { child, said: String(line) };
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

describe('a folder', () => {
  test('is held by one process; another one is told who holds it', async () => {
    const folder = newFolder();
    using _lock = lockFolder(folder);
    const { said } = await contend(folder);
    expect(said).toContain('MisconfiguredError');
    expect(said).toContain(`${folder} is in use by process ${process.pid}`);
    expect(said).toContain('DATA_DIR');
  });

  test('held by a living process is never taken from it', async () => {
    const folder = newFolder();
    const { child, said } = await contend(folder);
    expect(said).toBe('held');
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(() => lockFolder(folder)).toThrow(MisconfiguredError);
      expect(() => lockFolder(folder)).toThrow(`process ${child.pid}`);
    }
  });

  test('is free at once when its holder was killed', async () => {
    const folder = newFolder();
    const { child } = await contend(folder);
    await kill(child);
    using _lock = lockFolder(folder);
    expect((await contend(folder)).said).toContain(`process ${process.pid}`);
  });

  test('is free after it was given back, which may be said twice', async () => {
    const folder = newFolder();
    const lock = lockFolder(folder);
    lock[Symbol.dispose]();
    lock[Symbol.dispose]();
    expect((await contend(folder)).said).toBe('held');
  });

  test('cannot be held twice by the same process either', () => {
    const folder = newFolder();
    using _lock = lockFolder(folder);
    expect(() => lockFolder(folder)).toThrow(`process ${process.pid}`);
  });
});
