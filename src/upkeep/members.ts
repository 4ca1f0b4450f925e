import { PermanentError, RateLimitedError, TransientError } from '../domain/errors.ts';
import type { Fault } from '../domain/playbook/fault.ts';
import type { Playbook } from '../domain/playbook/playbook.ts';
import type { Tracker } from '../domain/ports/tracker.ts';

/** Jira limits lookups of users for the whole site. */
const AT_ONCE = 8;

export interface MembersSeen {
  /** Members that Jira does not know. */
  readonly faults: readonly Fault[];
  /** Members that are not active, or why nobody could be looked up. */
  readonly warnings: readonly string[];
}

/**
 * Looks up every member of every team in Jira. Whoever is unknown there is a fault of `teams.yaml`; whoever is inactive
 * is passed over when tickets are assigned, so that is only worth a warning, and so is a Jira that does not answer.
 */
export async function lookUpMembers(
  { teams: { teams } }: Playbook,
  tracker: Pick<Tracker, 'person'>,
): Promise<MembersSeen> {
  const places = Object.entries(teams).flatMap(([team, { members }]) =>
    members.map(({ accountId, name }, index) => ({ team, accountId, name, index })),
  );
  const accountIds = [...new Set(places.map(({ accountId }) => accountId))];
  const seen = await people(accountIds, tracker);
  if (seen.trouble !== null)
    return { faults: [], warnings: [`members of teams are not looked up in Jira: ${seen.trouble}`] };
  const faults = places
    .filter(({ accountId }) => seen.standing.get(accountId) === 'unknown')
    .map(({ team, accountId, index }) => ({
      file: 'teams.yaml',
      path: ['teams', team, 'members', index, 'accountId'],
      why: `Jira knows no account "${accountId}"`,
    }));
  const warnings = places
    .filter(({ accountId }) => seen.standing.get(accountId) === 'inactive')
    .map(({ team, accountId, name }) => `${name} (${accountId}) of ${team} is not active in Jira: gets no tickets`);
  return { faults, warnings };
}

type Standing = 'active' | 'inactive' | 'unknown';

/** A few at a time; the first that cannot be looked up ends it, for the others could not either. */
async function people(accountIds: readonly string[], tracker: Pick<Tracker, 'person'>) {
  const standing = new Map<string, Standing>();
  const waiting = [...accountIds];
  let trouble: string | null = null;
  const lookUp = async () => {
    for (let id = waiting.shift(); id !== undefined && trouble === null; id = waiting.shift()) {
      try {
        standing.set(id, standingOf(await tracker.person(id)));
      } catch (error) {
        trouble = passing(error);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lookUp));
  return { standing, trouble };
}

function standingOf(person: Awaited<ReturnType<Tracker['person']>>): Standing {
  if (!person) return 'unknown';
  return person.isActive ? 'active' : 'inactive';
}

/** Why Jira did not answer; anything else is a bug and is thrown on. */
function passing(error: unknown): string {
  const isNamed =
    error instanceof TransientError || error instanceof RateLimitedError || error instanceof PermanentError;
  if (!isNamed) throw error;
  return error.message;
}
