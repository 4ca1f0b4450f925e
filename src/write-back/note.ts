import type { Decision, Evidence } from '../domain/decision.ts';
import type { Issue } from '../domain/issue.ts';

const MAX_SIMILAR = 3;

/**
 * The internal note for suggestions: what, how sure, and past tickets about the same thing that its readers may see: of
 * the same project, without security level.
 */
export function noteFor(
  suggestions: Readonly<Record<string, string>>,
  decision: Decision,
  issue: Issue,
): readonly string[] {
  const lines = Object.entries(suggestions).map(
    ([target, value]) => `${target}: ${value}${surenessOf(decision, target)}`,
  );
  const similar = decision.evidence
    .filter(({ key, isRestricted, isSimilar }) => isSimilar && !isRestricted && key.startsWith(`${issue.project}-`))
    .slice(0, MAX_SIMILAR);
  const footer = similar.length > 0 ? [`Similar tickets: ${similar.map(inShort).join(', ')}`] : [];
  const { burst } = decision;
  const incident = burst ? [`Possibly one incident: ${burst.members} similar tickets came in together`] : [];
  return ['Suggestion from Jira Triage', ...lines, ...incident, ...footer];
}

/** A past ticket with what it ended with. */
function inShort({ key, values, resolution }: Evidence): string {
  const ends = [...Object.values(values), ...(resolution === null ? [] : [resolution])];
  return ends.length > 0 ? `${key} (${ends.join(', ')})` : key;
}

function surenessOf(decision: Decision, target: string): string {
  const verdict = decision.verdicts[target];
  return verdict?.kind === 'value' ? ` (${Math.round(verdict.confidence * 100)} %)` : '';
}
