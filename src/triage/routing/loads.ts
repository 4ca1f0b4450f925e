import { PermanentError } from '../../domain/errors.ts';
import type { Playbook } from '../../domain/playbook/playbook.ts';
import type { Clock } from '../../domain/ports/model.ts';
import type { Tracker } from '../../domain/ports/tracker.ts';

/** Where a person's work is counted, and how long a decision waits before Jira can count it. */
type Desk = Pick<Playbook, 'projects' | 'writeBack'>;

/** How many open issues people have. */
export interface Loads {
  /**
   * Open issues of a person in the playbook's projects, as Jira counted them at most a minute ago, and what this process
   * has decided for them since; null when Jira refuses to count them, as it does for people and projects that are gone.
   * Throws `TransientError` and `RateLimitedError`.
   */
  open(accountId: string, desk: Desk): Promise<number | null>;
  /**
   * Counts one more for a person; false, and nothing is counted, when they have as many as they may by now. Without
   * waiting, so that two decisions at once never take the same last place.
   */
  claim(accountId: string, desk: Desk, capacity: number | null): boolean;
}

const FRESH_MS = 60_000;
/** So long what was decided may be missing in what Jira counts: it is to be written and to reach Jira's index first. */
const UNSEEN_MS = 15_000;

interface Count {
  readonly askedMs: number;
  readonly open: Promise<number | null>;
  /** Null until Jira has answered with a number. */
  known: number | null;
}

/** Counts open issues in Jira, keeps what it heard for a minute, and adds what it is told meanwhile. */
export function openLoads({
  tracker,
  clock,
}: {
  readonly tracker: Pick<Tracker, 'count'>;
  readonly clock: Clock;
}): Loads {
  const counts = new Map<string, Count>();
  /** When something was decided for a person. */
  const claims = new Map<string, readonly number[]>();
  const nowMs = () => clock.now().getTime();
  const ask = (jql: string): Count => {
    const count: Count = { askedMs: nowMs(), open: countOrNull(jql, tracker), known: null };
    counts.set(jql, count);
    count.open.then(
      (open) => {
        count.known = open;
      },
      // Whoever waits for it hears of the error; the next one asks again.
      () => counts.get(jql) === count && counts.delete(jql),
    );
    return count;
  };
  /** What was decided before Jira counted is in its count, unless it was on its way then, or waited to be written. */
  const claimedSince = (accountId: string, fromMs: number, { writeBack }: Desk) =>
    (claims.get(accountId) ?? []).filter((at) => at >= fromMs - writeBack.graceSeconds * 1000 - UNSEEN_MS);

  return {
    open: async (accountId, desk) => {
      const jql = openIssuesOf(accountId, desk);
      const known = counts.get(jql);
      const count = known && nowMs() - known.askedMs < FRESH_MS ? known : ask(jql);
      const open = await count.open;
      return open === null ? null : open + claimedSince(accountId, count.askedMs, desk).length;
    },
    claim: (accountId, desk, capacity) => {
      const count = counts.get(openIssuesOf(accountId, desk));
      const since = claimedSince(accountId, count?.askedMs ?? nowMs() - FRESH_MS, desk);
      if (capacity !== null && (count?.known ?? 0) + since.length >= capacity) return false;
      claims.set(accountId, [...since, nowMs()]);
      return true;
    },
  };
}

async function countOrNull(jql: string, tracker: Pick<Tracker, 'count'>): Promise<number | null> {
  try {
    return await tracker.count(jql);
  } catch (error) {
    if (error instanceof PermanentError) return null;
    throw error;
  }
}

/** JQL for a person's open issues; names in it are quoted, whatever they are. */
function openIssuesOf(accountId: string, { projects }: Desk): string {
  return `assignee = ${quoted(accountId)} AND statusCategory != Done AND project in (${projects.map(quoted).join(', ')})`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
