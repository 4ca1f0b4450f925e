import type { AbstainReason, Candidate, PassedOver, Routing, Verdict } from '../domain/decision/decision.ts';
import type { Playbook } from '../domain/playbook/playbook.ts';
import { modeFor, moreCareful, type Target } from '../domain/playbook/target.ts';
import { choosePerson } from './routing/person.ts';
import type { RoutePorts } from './routing/ports.ts';
import type { Ticket } from './routing/seat.ts';
import {
  holdsHumans,
  type Lead,
  leadOf,
  type Place,
  type Settled,
  settledTeam,
  takerOf,
  targetOf,
  withEscalations,
} from './routing/team.ts';

export interface Routed {
  readonly routing: Routing;
  /** Verdicts for the team and assignee targets. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
}

const NOBODY: Routing = {
  team: null,
  assignee: null,
  policy: null,
  passedOver: [],
  alternates: [],
  escalatedFrom: null,
};

type Means = RoutePorts & { readonly playbook: Playbook };

/** What is known of where a ticket goes before anybody is asked. */
interface Way {
  readonly ticket: Ticket;
  readonly lead: Lead | null;
  readonly settled: Settled | null;
  /** The team that takes the leading value. */
  readonly taker: string | null;
  /** The target that receives the person; null where routing does not decide it. */
  readonly assignee: Target | null;
}

interface Filled {
  readonly routing: Routing;
  /** Whether somebody can take it, be it out of the team's queue. */
  readonly isManned: boolean;
}

/**
 * Team first: the one that a person set, else the one that takes the decided value. Person second: by the team's policy,
 * else the team's queue. When the value was not sure enough nobody is looked for, but the verdict says which team it
 * would have been. Throws what Jira and the ledger throw.
 */
export async function route(ticket: Ticket, playbook: Playbook, ports: RoutePorts): Promise<Routed> {
  const { route: wiring } = playbook.teams;
  if (!wiring) return { routing: NOBODY, verdicts: new Map() };
  const open = playbook.targets.filter(
    ({ name, mode, decidedBy }) =>
      [wiring.team, wiring.assignee].includes(name) &&
      mode !== 'off' &&
      decidedBy === 'routing' &&
      !ticket.decided.has(name),
  );
  const lead = leadOf(wiring.by, ticket, playbook);
  const settled = settledTeam(wiring.team, ticket, playbook);
  const assignee = open.find(({ name }) => name === wiring.assignee) ?? null;
  const way = { ticket, lead, settled, taker: lead && takerOf(lead, playbook), assignee };
  const filled = await fill(way, { ...ports, playbook });
  const verdicts = open.map(
    (target) => [target.name, target === assignee ? personVerdict(filled, way) : teamVerdict(filled, way)] as const,
  );
  return { routing: filled.routing, verdicts: new Map(verdicts) };
}

/** The first team of the chain where somebody can take it; where nobody can, the queue of the one it is meant for. */
async function fill(way: Way, means: Means): Promise<Filled> {
  const chain = chainOf(way, means.playbook);
  const [meant] = chain;
  if (!meant) return { routing: NOBODY, isManned: true };
  const queue = { ...NOBODY, team: meant.name, policy: meant.team.policy };
  if (hasItsPerson(way)) return { routing: queue, isManned: true };
  const ticket = { ...way.ticket, key: keyFor(way, means.playbook) };
  const seen: PassedOver[] = [];
  for (const place of chain) {
    const seat = { ...place, ticket, value: way.lead?.value ?? null, assignee: way.assignee };
    const { assignee, alternates, passedOver, isManned } = await choosePerson(seat, means);
    seen.push(...passedOver);
    if (!isManned) continue;
    const chosen = { team: place.name, policy: place.team.policy, assignee, alternates: [...alternates] };
    const escalatedFrom = place === meant ? null : meant.name;
    return { routing: { ...chosen, passedOver: onceEach(seen, assignee), escalatedFrom }, isManned };
  }
  return { routing: { ...queue, passedOver: onceEach(seen, null) }, isManned: false };
}

/** Where somebody else settled the team, nobody of another one is right. */
function chainOf({ settled, lead, taker }: Way, playbook: Playbook): readonly Place[] {
  if (settled) return settled.name === null ? [] : withEscalations(settled.name, lead, playbook).slice(0, 1);
  return lead?.isDecided && taker !== null ? withEscalations(taker, lead, playbook) : [];
}

function hasItsPerson({ assignee, ticket }: Way): boolean {
  return assignee !== null && holdsHumans(assignee, ticket.issue);
}

/** A person of two teams is told once, with the first reason; never the chosen one. */
function onceEach(passedOver: readonly PassedOver[], chosen: string | null): PassedOver[] {
  const firsts = new Map(passedOver.toReversed().map((one) => [one.accountId, one]));
  return passedOver.filter((one) => firsts.get(one.accountId) === one && one.accountId !== chosen);
}

/** Nobody loses a turn by a decision that is only recorded: as write-back sees it, a class may ask for more care. */
function keyFor({ ticket, assignee }: Way, playbook: Playbook): string | null {
  const by = targetOf(playbook.teams.route?.by ?? '', playbook);
  const cause = by && ticket.decided.get(by.name);
  const most = by && cause?.kind === 'value' ? modeFor({ ...by, mode: 'auto' }, cause.value) : 'auto';
  const mode = moreCareful(assignee?.mode ?? 'off', most);
  return mode === 'off' || mode === 'shadow' ? null : ticket.key;
}

function teamVerdict({ routing }: Filled, { lead, settled, taker }: Way): Verdict {
  const best = lead && taker !== null ? { value: taker, confidence: lead.confidence } : null;
  if (settled) return abstention('human-set', best, lead);
  if (routing.team === null || !lead) return abstention('not-routed', best, lead);
  return { kind: 'value', value: routing.team, ...asSureAs(lead) };
}

function personVerdict({ routing, isManned }: Filled, way: Way): Verdict {
  const source = way.settled ?? way.lead;
  if (hasItsPerson(way)) return abstention('human-set', null, source);
  if (routing.assignee === null || !source)
    return abstention(isManned ? 'not-routed' : 'nobody-eligible', null, source);
  return { kind: 'value', value: routing.assignee, ...asSureAs(source) };
}

type Source = Pick<Lead, 'confidence' | 'cutOff'>;

/** As sure as the value it follows from. */
function asSureAs({ confidence, cutOff }: Source) {
  return { confidence, cutOff, rung: 'routing' as const, runnersUp: [] };
}

function abstention(reason: AbstainReason, best: Candidate | null, source: Source | null): Verdict {
  return { kind: 'abstain', reason, best, cutOff: source?.cutOff ?? 0, rung: 'routing', runnersUp: [] };
}
