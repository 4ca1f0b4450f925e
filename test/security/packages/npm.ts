import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const NPM_MS = 40_000;

/** A package as the lockfile has it. */
const Locked = z.looseObject({
  version: z.string().default(''),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  dev: z.boolean().default(false),
  hasInstallScript: z.boolean().default(false),
  optional: z.boolean().default(false),
  os: z.array(z.string()).default(['linux']),
  cpu: z.array(z.string()).default(['x64']),
  libc: z.array(z.string()).default(['glibc']),
});
const Lockfile = z.looseObject({ packages: z.record(z.string(), Locked) });

export interface Package extends z.infer<typeof Locked> {
  readonly name: string;
}

/** Every package of the lockfile. */
export function lockedPackages(): readonly Package[] {
  const { packages } = Lockfile.parse(fileJson('package-lock.json'));
  return Object.entries(packages).flatMap(([path, it]) => (path === '' ? [] : [{ ...it, name: nameOf(path) }]));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/** The image is Debian, on the two processors that clouds have. */
export function isForOthers({ optional, os, cpu, libc }: Package): boolean {
  const isOurs = os.includes('linux') && libc.includes('glibc') && (cpu.includes('x64') || cpu.includes('arm64'));
  return optional && !isOurs;
}

export function fileJson(name: string): unknown {
  return JSON.parse(readFileSync(ROOT + name, 'utf8'));
}

/** What npm prints, as JSON where it is some, and a line of what it complains of. */
export interface Said {
  readonly output: string;
  readonly json: unknown;
  readonly trouble: string;
}

/** Runs npm at the top of the repository; its exit code says nothing that its output does not. */
export function npm(...words: readonly string[]): Promise<Said> {
  return new Promise((resolve) => {
    const options = { cwd: ROOT, timeout: NPM_MS, maxBuffer: 64 * 1024 * 1024 };
    execFile('npm', [...words, '--fetch-retries=0'], options, (error, output, complaints) => {
      const told = complaints
        .split('\n')
        .find((line) => /error|warn audit/.test(line))
        ?.slice(0, 120);
      const trouble = error?.killed ? 'no answer in time' : (told ?? 'no answer');
      resolve({ output: output.trim(), json: asJson(output), trouble });
    });
  });
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Whoever asked says what it means that there is none.
    return null;
  }
}
