import type { JiraSite } from '../../fakes/jira/door.ts';
import type { IssueChange } from '../../fakes/jira/model.ts';
import type { Dice } from '../seed.ts';
import { ADA } from './playbook.ts';
import type { Watch } from './watch.ts';

const CHANGES: readonly IssueChange[] = [
  { addLabels: ['cat-other'] },
  { priority: 'High' },
  { components: ['Mail'] },
  { labels: ['vip'] },
];

/** People edit this share of the tickets, at the very moment the service looks at them or edits them. */
export function letPeopleEdit(
  place: { readonly site: JiraSite; readonly watch: Watch },
  dice: Dice,
  share = 0.06,
): void {
  const { site, watch } = place;
  watch.each(({ asked, issueId }) => {
    if (asked === 'other' || issueId === null || dice.roll() >= share) return undefined;
    // Who is gone is edited by nobody.
    if (site.issue(issueId) === undefined) return undefined;
    site.editAs(ADA, issueId, dice.pick(CHANGES));
    watch.note(issueId);
    return undefined;
  });
}
