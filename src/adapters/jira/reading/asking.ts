import type { z } from 'zod';
import { PermanentError, TransientError } from '../../../domain/errors.ts';
import { JiraRefusal } from '../transport.ts';

/** Null instead of Jira's 404. */
export async function orNull<T>(request: Promise<T>): Promise<T | null> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof JiraRefusal && error.status === 404) return null;
    throw error;
  }
}

/**
 * What Jira answered, by what we expect of it. Throws `TransientError` naming the place when it has another shape: a proxy
 * answered instead, or Jira changed. Never repeats what was answered.
 */
export function read<Schema extends z.ZodType>(schema: Schema, answer: unknown): z.output<Schema> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const place = parsed.error.issues[0]?.path.map(String).join('.').slice(0, 100) || 'all of it';
  throw new TransientError(`Jira answered with something of another shape: ${place}`);
}

/** jira.js puts ids into URLs unencoded; anything but an id or a key must not get there. Throws `PermanentError`. */
export function safeKey(idOrKey: string): string {
  if (/^\d+$|^[A-Z][A-Z0-9_]+-\d+$/.test(idOrKey)) return idOrKey;
  throw new PermanentError(`not an issue id or key: ${JSON.stringify(idOrKey)}`);
}

/** The same for the key of a project. */
export function safeProject(key: string): string {
  if (/^[A-Z][A-Z0-9_]+$/.test(key)) return key;
  throw new PermanentError(`not a project key: ${JSON.stringify(key)}`);
}
