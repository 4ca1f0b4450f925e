import type { JiraSite } from '../../fakes/jira/door.ts';
import type { IssueChange } from '../../fakes/jira/model.ts';
import { valuesAt } from '../../support/human-edits/judge.ts';
import type { Dice } from '../seed.ts';
import { ADA, TARGETS } from './playbook.ts';
import type { Watch } from './watch.ts';

const CHANGES: readonly IssueChange[] = [
  { addLabels: ['cat-other'] },
  { priority: 'High' },
  { components: ['Mail'] },
  { labels: ['vip'] },
];

interface Scene {
  readonly site: JiraSite;
  readonly watch: Watch;
  /** Tickets that nobody edits; none when absent. */
  readonly isSpared?: (issueId: string) => boolean;
}

/** People edit this share of the tickets, at the very moment the service looks at them or edits them. */
export function letPeopleEdit({ site, watch, isSpared = () => false }: Scene, dice: Dice, share = 0.06): void {
  watch.each(({ asked, issueId }) => {
    if (asked === 'other' || issueId === null || isSpared(issueId) || dice.roll() >= share) return undefined;
    const before = held(site, issueId);
    // Who is gone is edited by nobody.
    if (before === null) return undefined;
    site.editAs(ADA, issueId, dice.pick(CHANGES));
    // What changes nothing of ours excuses no edit of ours.
    if (held(site, issueId) !== before) watch.note(issueId);
    return undefined;
  });
}

/** What our targets hold, in one word; null where there is no such issue. */
function held(site: JiraSite, issueId: string): string | null {
  const issue = site.issue(issueId);
  return issue === undefined ? null : JSON.stringify(TARGETS.map((target) => valuesAt(target, issue)));
}
