import type { PassedOver } from '../../domain/decision/decision.ts';
import type { Playbook } from '../../domain/playbook/playbook.ts';
import { whyNever } from './eligible.ts';
import { resolversFor } from './past-resolver.ts';
import type { RoutePorts } from './ports.ts';
import type { Seat } from './seat.ts';

/** The order in which a policy would ask people. */
export interface Ranking {
  /** Best first. */
  readonly tiers: readonly Tier[];
  /** Whom the policy does not ask. */
  readonly unasked: readonly PassedOver[];
  /** Within a tier whose turn is longest ago is first; else the order given. */
  readonly isByTurn: boolean;
}

/** People that a policy likes equally well, and why they come after somebody else. */
export interface Tier {
  readonly people: readonly string[];
  readonly whyLater: string;
}

/** How a team's policy ranks those who could take the ticket. */
export async function rank(
  seat: Seat,
  eligible: readonly string[],
  { playbook, ...ports }: RoutePorts & { readonly playbook: Playbook },
): Promise<Ranking> {
  const { policy } = seat.team;
  switch (policy) {
    case 'team-only':
      return inOrder([], { eligible, whyLater: '', whyUnasked: 'the team chooses' });
    case 'round-robin':
      return { tiers: [{ people: eligible, whyLater: LATER_TURN }], unasked: [], isByTurn: true };
    case 'least-loaded':
      return byLoad(eligible, playbook, ports);
    case 'past-resolver':
      return byPastWork(seat, eligible, { playbook, ...ports });
    case 'component-lead':
      return byComponent(seat, eligible, { playbook, ...ports });
    case 'on-call': {
      const called = ports.roster().onCall(seat.name, ports.clock.now());
      return inOrder(called, { eligible, whyLater: 'only stands in', whyUnasked: 'not on call' });
    }
    default:
      return policy satisfies never;
  }
}

/** Why somebody of the same tier was not chosen, where turns decide. */
export const LATER_TURN = 'had a turn more recently';

interface Words {
  readonly eligible: readonly string[];
  readonly whyLater: string;
  readonly whyUnasked: string;
}

/** Each one a tier; who is eligible and not in this order is not asked. */
function inOrder(order: readonly string[], { eligible, whyLater, whyUnasked }: Words): Ranking {
  const asked = [...new Set(order)].filter((accountId) => eligible.includes(accountId));
  const unasked = eligible.filter((accountId) => !asked.includes(accountId));
  return {
    tiers: asked.map((accountId) => ({ people: [accountId], whyLater })),
    unasked: unasked.map((accountId) => ({ accountId, why: whyUnasked })),
    isByTurn: false,
  };
}

/** Why somebody is passed over whose issues Jira refuses to count. */
export const UNCOUNTED = 'has open issues that Jira does not count';

async function byLoad(people: readonly string[], playbook: Playbook, { loads }: RoutePorts): Promise<Ranking> {
  const asked = await Promise.all(
    people.map(async (accountId) => ({ accountId, open: await loads.open(accountId, playbook) })),
  );
  const counted = asked.flatMap(({ accountId, open }) => (open === null ? [] : [{ accountId, open }]));
  const tiers = [...Map.groupBy(counted, ({ open }) => open)]
    .sort(([one], [other]) => one - other)
    .map(([open, tier]) => ({
      people: tier.map(({ accountId }) => accountId),
      whyLater: `has ${issues(open)}, others fewer`,
    }));
  const uncounted = asked.filter(({ open }) => open === null);
  return { tiers, unasked: uncounted.map(({ accountId }) => ({ accountId, why: UNCOUNTED })), isByTurn: true };
}

/** In words: `1 open issue`, `14 open issues`. */
export function issues(open: number): string {
  return `${open} open issue${open === 1 ? '' : 's'}`;
}

/** Who solved similar tickets and is not in the team is named as long as it is worth reading. */
const OUTSIDERS = 5;

async function byPastWork(
  { ticket, name, team, assignee }: Seat,
  eligible: readonly string[],
  { memory, playbook }: Pick<RoutePorts, 'memory'> & { readonly playbook: Playbook },
): Promise<Ranking> {
  const resolvers = assignee ? await resolversFor({ ...ticket, target: assignee.name }, playbook, { memory }) : [];
  const ranked = resolvers.map(({ person }) => person);
  const members = new Set(team.members.map(({ accountId }) => accountId));
  const outsiders = ranked.filter((person) => !members.has(person)).slice(0, OUTSIDERS);
  const ranking = inOrder(ranked, {
    eligible,
    whyLater: 'solved fewer such tickets',
    whyUnasked: 'solved no such ticket',
  });
  const others = outsiders.map((accountId) => ({ accountId, why: `not in team ${name}` }));
  return { ...ranking, unasked: [...ranking.unasked, ...others] };
}

/** More components than this on one ticket say nothing about who should take it. */
const COMPONENTS = 5;

/** Who leads the ticket's component; where the team lists members, one of them. */
async function byComponent(
  seat: Seat,
  eligible: readonly string[],
  { tracker, playbook }: Pick<RoutePorts, 'tracker'> & { readonly playbook: Playbook },
): Promise<Ranking> {
  const { issue, decided } = seat.ticket;
  const target = playbook.targets.find(({ kind }) => kind === 'component');
  const verdict = target && decided.get(target.name);
  const held = issue.components.filter((component) => !target?.defaults.includes(component)).slice(0, COMPONENTS);
  const components = verdict?.kind === 'value' ? [verdict.value] : held;
  const leads: string[] = [];
  for (const component of components) {
    const lead = await tracker.componentLead(issue.project, component);
    if (lead !== null) leads.push(lead);
  }
  const members = seat.team.members.map(({ accountId }) => accountId);
  const whyNot = (lead: string) => {
    if (members.length === 0) return whyNever(lead, seat);
    return members.includes(lead) ? null : `not in team ${seat.name}`;
  };
  const ranking = inOrder(leads, {
    eligible: members.length > 0 ? eligible : leads.filter((lead) => whyNot(lead) === null),
    whyLater: 'leads a further component',
    whyUnasked: components.length > 0 ? `does not lead ${components.join(', ')}` : 'no component is known',
  });
  const others = [...new Set(leads)].flatMap((accountId) => {
    const why = whyNot(accountId);
    return why === null ? [] : [{ accountId, why }];
  });
  return { ...ranking, unasked: [...ranking.unasked, ...others] };
}
