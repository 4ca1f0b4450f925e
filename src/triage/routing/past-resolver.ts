import type { Evidence } from '../../domain/decision.ts';
import type { Issue } from '../../domain/issue.ts';
import { type Resolver, rankResolvers } from '../../learning/resolvers.ts';

/** A ticket, the past ones like it, and the target that says who finished those. */
export interface Work {
  readonly issue: Issue;
  readonly evidence: readonly Evidence[];
  readonly target: string;
}

/** Everybody who finished a ticket like this one, the likeliest first, whoever they are. */
export async function resolversFor({ evidence, target }: Work): Promise<readonly Resolver[]> {
  const similar = evidence.flatMap(({ values, similarity }) => {
    const person = Object.hasOwn(values, target) ? values[target] : undefined;
    return person === undefined ? [] : [{ person, similarity }];
  });
  return rankResolvers(similar, []);
}
