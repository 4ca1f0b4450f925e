import fc from 'fast-check';
import type { JiraSite } from '../../fakes/jira/door.ts';
import type { IssueChange, IssueDraft } from '../../fakes/jira/model.ts';
import { AGENTS, COMPONENTS, EVE, MATTERS, PRIORITIES, TEAM, TEAMS } from './desk.ts';

/** Something a person does to a ticket. */
export type Act =
  | { readonly kind: 'label'; readonly add: string | null; readonly removesFamily: string | null }
  | { readonly kind: 'priority'; readonly value: string | null }
  | { readonly kind: 'components'; readonly values: readonly string[] }
  | { readonly kind: 'team'; readonly value: string | null }
  | { readonly kind: 'assignee'; readonly value: string | null }
  | { readonly kind: 'text'; readonly matter: string };

const LABELS = ['cat-vpn', 'cat-access', 'cat-other', 'top-home', 'top-work', 'vip'];

/** What people do; often the very thing that we would do, or its opposite. */
export const anAct: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    kind: fc.constant('label' as const),
    add: fc.option(fc.constantFrom(...LABELS)),
    removesFamily: fc.option(fc.constantFrom('cat-', 'top-')),
  }),
  fc.record({ kind: fc.constant('priority' as const), value: fc.option(fc.constantFrom(...PRIORITIES)) }),
  fc.record({
    kind: fc.constant('components' as const),
    values: fc.uniqueArray(fc.constantFrom(...COMPONENTS), { maxLength: 2 }),
  }),
  fc.record({ kind: fc.constant('team' as const), value: fc.option(fc.constantFrom(...TEAMS)) }),
  fc.record({ kind: fc.constant('assignee' as const), value: fc.option(fc.constantFrom(...AGENTS, EVE)) }),
  fc.record({ kind: fc.constant('text' as const), matter: fc.constantFrom(...MATTERS) }),
);

/** A ticket as somebody wrote it; some are triaged by hand already. */
export const aTicket: fc.Arbitrary<IssueDraft> = fc
  .record({
    matter: fc.constantFrom(...MATTERS),
    labels: seldom(fc.uniqueArray(fc.constantFrom(...LABELS), { minLength: 1, maxLength: 2 })),
    component: seldom(fc.constantFrom(...COMPONENTS)),
    priority: seldom(fc.constantFrom(...PRIORITIES)),
    assignee: seldom(fc.constantFrom(...AGENTS)),
    team: seldom(fc.constantFrom(...TEAMS)),
  })
  .map(({ matter, labels, component, priority, assignee, team }) => ({
    projectKey: 'IT',
    summary: `${matter} does not work`,
    reporter: EVE,
    labels: labels ?? [],
    components: component === null ? [] : [component],
    priority: priority ?? 'Medium',
    assignee,
    custom: team === null ? {} : { [TEAM]: team },
  }));

function seldom<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> {
  return fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: value });
}

/** Does it as a person would in the browser, who sees the ticket as it is. */
export function perform(act: Act, site: JiraSite, key: string): void {
  site.editAs(EVE, key, changeFor(act, site.issue(key)?.labels ?? []));
}

function changeFor(act: Act, labels: readonly string[]): IssueChange {
  switch (act.kind) {
    case 'label': {
      const { add, removesFamily } = act;
      const kept = labels.filter((label) => removesFamily === null || !label.startsWith(removesFamily));
      return { labels: add === null ? kept : [...kept, add] };
    }
    case 'priority':
      return { priority: act.value };
    case 'components':
      return { components: [...act.values] };
    case 'team':
      return { custom: { [TEAM]: act.value } };
    case 'assignee':
      return { assignee: act.value };
    case 'text':
      return { summary: `${act.matter} is broken` };
    default:
      return act satisfies never;
  }
}
