import type { Evidence } from '../../domain/decision/decision.ts';
import type { Playbook } from '../../domain/playbook/playbook.ts';
import type { Memory, PastWork } from '../../domain/ports/memory.ts';
import { contextOf } from '../../domain/ticket/context.ts';
import type { Issue } from '../../domain/ticket/issue.ts';
import { RECENT_TICKETS, type RecentWork, type Resolver, rankResolvers } from '../../learning/resolvers.ts';

/** A ticket, the past ones like it, and the target that says who finished those. */
export interface Work {
  readonly issue: Issue;
  readonly evidence: readonly Evidence[];
  readonly target: string;
}

const DAY_MS = 24 * 3600 * 1000;

/**
 * Everybody who finished similar tickets, or any lately in this project, and the reporter where people finish what they
 * report; the likeliest first, whoever they are.
 */
export async function resolversFor(
  { issue, evidence, target }: Work,
  { classify }: Pick<Playbook, 'classify'>,
  { memory }: { readonly memory: Pick<Memory, 'pastWork'> },
): Promise<readonly Resolver[]> {
  const query = { project: issue.project, target, before: issue.created, limit: RECENT_TICKETS };
  const work = await memory.pastWork(query);
  const similar = evidence.flatMap(({ values, similarity }) => {
    const person = Object.hasOwn(values, target) ? values[target] : undefined;
    return person === undefined ? [] : [{ person, similarity }];
  });
  return rankResolvers(similar, recentWork(work, issue, classify.weakWeight), issue.reporter?.accountId ?? null);
}

/** Who finished a ticket that we gave them did its work all the same, but our own choice must not make itself. */
function recentWork(work: readonly PastWork[], issue: Issue, weakWeight: number): RecentWork[] {
  const context = new Map(Object.entries(contextOf(issue, [])));
  const [reporter, component] = [context.get('reporter'), context.get('component')];
  const nowMs = Date.parse(issue.created);
  return work.map((past) => ({
    person: past.value,
    weight: past.by === 'human' ? 1 : weakWeight,
    ageDays: Math.max(nowMs - past.createdMs, 0) / DAY_MS,
    isSameReporter: reporter !== undefined && past.reporter === reporter,
    isSameComponent: component !== undefined && past.component === component,
    isOwn: past.reporter === past.value,
  }));
}
