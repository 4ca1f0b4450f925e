import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { MisconfiguredError, messageOf } from '../../domain/errors.ts';

/** Long enough not to be guessed. */
export const Secret = z.string().min(32, 'needs at least 32 characters; make one with: openssl rand -hex 32');

/** Reads what a schema names, each also as `NAME_FILE`; throws `MisconfiguredError` with every fault. */
export function parse<Schema extends z.ZodObject>(
  schema: Schema,
  env: Readonly<Record<string, string | undefined>>,
): z.output<Schema> {
  const { filled, faults } = withFiles(withoutEmpty(env), Object.keys(schema.shape));
  const parsed = schema.safeParse(filled);
  if (!parsed.success) faults.push(...parsed.error.issues.map((issue) => describe(issue, filled)));
  if (!parsed.success || faults.length > 0) throw new MisconfiguredError(faults);
  return parsed.data;
}

function describe(issue: z.core.$ZodIssue, env: Readonly<Record<string, string | undefined>>): string {
  const name = String(issue.path[0]);
  return env[name] === undefined ? `${name} is missing (see .env.example)` : `${name}: ${issue.message}`;
}

function withoutEmpty(env: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
}

/** Fills in what `NAME_FILE` points at; a file that cannot be read is a fault among the others. */
function withFiles(env: Readonly<Record<string, string | undefined>>, names: readonly string[]) {
  const filled: Record<string, string | undefined> = { ...env };
  const faults: string[] = [];
  for (const name of names) {
    const path = env[`${name}_FILE`];
    if (env[name] !== undefined || path === undefined) continue;
    try {
      filled[name] = readFileSync(path, 'utf8').trim();
    } catch (cause) {
      faults.push(`${name}_FILE: ${messageOf(cause)}`);
    }
  }
  return { filled, faults };
}
