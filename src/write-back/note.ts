import type { Decision } from '../domain/decision.ts';
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
  const footer =
    similar.length > 0
      ? [
          `Similar tickets: ${similar.map(({ key, resolution }) => (resolution ? `${key} (${resolution})` : key)).join(', ')}`,
        ]
      : [];
  return ['Suggestion from Jira Triage', ...lines, ...footer];
}

function surenessOf(decision: Decision, target: string): string {
  const verdict = decision.verdicts[target];
  return verdict?.kind === 'value' ? ` (${Math.round(verdict.confidence * 100)} %)` : '';
}
