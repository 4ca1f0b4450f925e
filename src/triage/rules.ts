import { PermanentError } from '../domain/errors.ts';
import type { Rule } from '../domain/playbook/playbook.ts';
import type { Issue } from '../domain/ticket/issue.ts';
import { inTime, TOO_SLOW } from '../patterns/in-time.ts';

/**
 * The value each target gets from the first rule that names it and matches; rules win outright. Throws `PermanentError`
 * when the pattern of one takes too long on this ticket: what it would have said is not known, so nothing is decided.
 */
export function applyRules(issue: Issue, rules: readonly Rule[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const rule of matching(issue, rules)) {
    for (const [target, value] of Object.entries(rule.then)) if (!values.has(target)) values.set(target, value);
  }
  return values;
}

/** All conditions given must hold. */
function matching(issue: Issue, rules: readonly Rule[]): readonly Rule[] {
  const fitting = rules.filter(({ when }) => fits(issue, when));
  if (fitting.every(({ when }) => when.textMatches === undefined)) return fitting;
  const text = `${issue.summary}\n${issue.text}`;
  const patternsOf = (some: readonly Rule[]) => some.flatMap(({ when }) => when.textMatches ?? []);
  const says = ({ when: { textMatches } }: Rule) => !textMatches || new RegExp(textMatches, 'iu').test(text);
  const together = inTime(patternsOf(fitting), () => fitting.filter(says));
  if (together) return together.value;
  return fitting.filter((rule) => {
    const done = inTime(patternsOf([rule]), () => says(rule));
    if (done === null) throw new PermanentError(`the rule ${rule.name} ${TOO_SLOW}`);
    return done.value;
  });
}

/** Whatever is not about the text. */
function fits(issue: Issue, when: Rule['when']): boolean {
  const { issueType, reporter, labels, requestType, organization } = when;
  if (issueType && !issueType.includes(issue.issueType)) return false;
  if (reporter && !(issue.reporter && reporter.includes(issue.reporter.accountId))) return false;
  if (requestType && !(issue.requestType && requestType.includes(issue.requestType))) return false;
  if (organization && !organization.some((name) => issue.organizations.includes(name))) return false;
  return !labels || labels.some((label) => issue.labels.includes(label));
}
