import { createHash } from 'node:crypto';
import { z } from 'zod';
import { messageOf, TransientError } from '../../domain/errors.ts';
import { type Ask, type Books, EVERYTHING, issueNamed, type Verdict } from '../jira/pace/books.ts';
import { BOOK, HEED } from './pace-scripts.ts';

/** What we need of a Redis client, single or Cluster: scripts. */
export interface ScriptRunner {
  eval(script: string, keyCount: number, ...args: (string | number)[]): Promise<unknown>;
  evalsha(sha: string, keyCount: number, ...args: (string | number)[]): Promise<unknown>;
}

export interface RedisBooks {
  /** Names of all keys begin with it. */
  readonly prefix: string;
  /** Address of the Jira site: each has limits of its own. */
  readonly site: string;
}

/** The longest that anybody waits for a turn; a turn further away was booked by another clock. */
const HORIZON_MS = 60_000;

const Turns = z.array(z.union([z.number(), z.enum(['issue', 'endpoint', 'site'])]));

/**
 * Books in Redis, by its clock: one script for all requests of a round trip. The keys of a site carry one hash tag, so
 * they lie on one node of a Cluster, and go by themselves two hours after the last request.
 */
export function redisBooks(redis: ScriptRunner, { prefix, site }: RedisBooks): Books {
  const base = `${prefix}:pace:{${fingerprint(site)}}`;
  const book = scriptOf(redis, BOOK);
  const heed = scriptOf(redis, HEED);
  const keyOf = (issue: string) => `${base}:${issueNamed(issue)}`;
  return {
    book: async (asks) => {
      const issues = [...new Set(asks.flatMap(({ issue }) => issue ?? []))];
      const args = asks.flatMap((ask) => argumentsOf(ask, issues));
      return turnsIn(await book([base, ...issues.map(keyOf)], [EVERYTHING, HORIZON_MS, ...args]));
    },
    heed: async (verdict) => {
      const isOfIssue = verdict.what.startsWith(issueNamed(''));
      await heed(isOfIssue ? [base, `${base}:${verdict.what}`] : [base], [verdict.what, ...numbersOf(verdict)]);
    },
  };
}

function argumentsOf({ endpoint, perSecond, issue, maxWaitMs, isDue }: Ask, issues: readonly string[]) {
  // KEYS count from one, and the first is the site's.
  return [endpoint, perSecond, issue === null ? 0 : issues.indexOf(issue) + 2, maxWaitMs, isDue ? 1 : 0];
}

function numbersOf(verdict: Verdict) {
  return verdict.kind === 'pause' ? [verdict.kind, verdict.pauseMs] : [verdict.kind, verdict.share];
}

function turnsIn(reply: unknown) {
  const flat = Turns.parse(reply);
  return flat.flatMap((waitMs, index) => {
    const scope = flat[index + 1];
    return typeof waitMs === 'number' && typeof scope === 'string' ? [{ waitMs, scope }] : [];
  });
}

/** Runs a script that the server may have forgotten, or never seen. */
function scriptOf(redis: ScriptRunner, script: string) {
  const sha = createHash('sha1').update(script).digest('hex');
  return async (keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> => {
    try {
      return await redis.evalsha(sha, keys.length, ...keys, ...args).catch((error: unknown) => {
        if (!messageOf(error).startsWith('NOSCRIPT')) throw error;
        return redis.eval(script, keys.length, ...keys, ...args);
      });
    } catch (cause) {
      throw new TransientError(`Redis: ${messageOf(cause)}`, { cause });
    }
  };
}

function fingerprint(site: string): string {
  return createHash('sha256').update(site).digest('base64url').slice(0, 12);
}
