import type { Rule } from '../domain/playbook/playbook.ts';
import type { Issue } from '../domain/ticket/issue.ts';

/** The value each target gets from the first rule that names it and matches; rules win outright. */
export function applyRules(issue: Issue, rules: readonly Rule[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const rule of rules) {
    if (!matches(issue, rule.when)) continue;
    for (const [target, value] of Object.entries(rule.then)) if (!values.has(target)) values.set(target, value);
  }
  return values;
}

/** All conditions given must hold. */
function matches(issue: Issue, when: Rule['when']): boolean {
  const { textMatches, issueType, reporter, labels, requestType, organization } = when;
  if (textMatches && !new RegExp(textMatches, 'iu').test(`${issue.summary}\n${issue.text}`)) return false;
  if (issueType && !issueType.includes(issue.issueType)) return false;
  if (reporter && !(issue.reporter && reporter.includes(issue.reporter.accountId))) return false;
  if (requestType && !(issue.requestType && requestType.includes(issue.requestType))) return false;
  if (organization && !organization.some((name) => issue.organizations.includes(name))) return false;
  return !labels || labels.some((label) => issue.labels.includes(label));
}
