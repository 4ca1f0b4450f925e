import type { PassedOver } from '../../domain/decision/decision.ts';
import type { Playbook } from '../../domain/playbook/playbook.ts';
import { sift } from './eligible.ts';
import { issues, LATER_TURN, type Ranking, rank, UNCOUNTED } from './policies.ts';
import type { RoutePorts } from './ports.ts';
import { holderOf, type Seat } from './seat.ts';

/** Who takes a place in a team, and why nobody else does. */
export interface Staffed {
  readonly assignee: string | null;
  /** Who would be next; whether they can be assigned is asked when it comes to that. */
  readonly alternates: readonly string[];
  /** Every member but the chosen one, once each. */
  readonly passedOver: readonly PassedOver[];
  /** Nobody was chosen, but somebody who is there may take it out of the queue. */
  readonly isManned: boolean;
}

type Means = RoutePorts & { readonly playbook: Playbook };

/**
 * Chooses one of a team by its policy: skill and roster first, then whoever the policy asks first and Jira lets us
 * assign. Jira is asked about one person after the other, until one will do. Throws what Jira and the ledger throw.
 */
export async function choosePerson(seat: Seat, means: Means): Promise<Staffed> {
  const { team } = seat;
  const { eligible, passedOver } = sift(seat, means.roster(), means.clock.now());
  const isLeftToTeam = seat.assignee === null || team.policy === 'team-only';
  if (isLeftToTeam) return queueOf(eligible.length > 0 || team.members.length === 0, passedOver);
  const ranked = await rank(seat, eligible, means);
  const { chosen, failed } = await pick(seat, ranked, means);
  const ranking = keepersIn(ranked, seat).some((keeper) => keeper === chosen) ? behind(ranked) : ranked;
  // Whoever is not on call is not expected to look at the queue.
  const isAnyoneLeft =
    team.policy !== 'on-call' && ranking.unasked.some(({ accountId }) => eligible.includes(accountId));
  if (chosen === null) {
    const isManned = isAnyoneLeft || team.members.length === 0;
    return { ...queueOf(isManned, []), passedOver: [...passedOver, ...failed, ...ranking.unasked] };
  }
  const { alternates, full } = await nextAfter(chosen, { seat, ranking, failed }, means);
  const later = laterThan(chosen, ranking, new Set([...failed, ...full].map(({ accountId }) => accountId)));
  return {
    assignee: chosen,
    alternates,
    passedOver: [...passedOver, ...failed, ...full, ...later, ...ranking.unasked],
    isManned: true,
  };
}

/** Where somebody is there, leaving it to them passes over nobody. */
function queueOf(isManned: boolean, passedOver: readonly PassedOver[]): Staffed {
  return { assignee: null, alternates: [], passedOver: isManned ? [] : passedOver, isManned };
}

/**
 * Where turns decide, whoever has the ticket from us keeps it as long as they will do: looking at it once more must not
 * take work out of somebody's hands for the sake of a turn. At most one.
 */
function keepersIn({ tiers, isByTurn }: Ranking, seat: Seat): readonly string[] {
  const holder = holderOf(seat);
  return isByTurn ? tiers.flatMap(({ people }) => people.filter((accountId) => accountId === holder)) : [];
}

function behind({ tiers, unasked }: Ranking): Ranking {
  const later = tiers.map(({ people }) => ({ people, whyLater: 'somebody has it already' }));
  return { tiers: later, unasked, isByTurn: false };
}

interface Picked {
  readonly chosen: string | null;
  readonly failed: readonly PassedOver[];
}

/** Whoever keeps it, else the first who will do, tier after tier. */
async function pick(seat: Seat, ranking: Ranking, means: Means): Promise<Picked> {
  const keepers = keepersIn(ranking, seat);
  const others = ranking.tiers.map(({ people }) => people.filter((accountId) => !keepers.includes(accountId)));
  let failed: readonly PassedOver[] = [];
  for (const people of [keepers, ...others]) {
    const isByTurn = ranking.isByTurn && people !== keepers;
    const picked = await pickAmong(people, { seat, isByTurn, fit: new Set() }, means);
    failed = [...failed, ...picked.failed];
    if (picked.chosen !== null) return { chosen: picked.chosen, failed };
  }
  return { chosen: null, failed };
}

/** People of one tier, and what was found out about them. */
interface Tried {
  readonly seat: Seat;
  readonly isByTurn: boolean;
  /** Who will do as far as Jira knows. */
  readonly fit: Set<string>;
}

/**
 * A turn is only taken by somebody who will do, so that nobody loses one without getting a ticket: first looking, then
 * taking. Another replica may be faster in between; then whoever is named instead is looked at as well.
 */
async function pickAmong(people: readonly string[], tried: Tried, means: Means): Promise<Picked> {
  const failed: PassedOver[] = [];
  for (let left = people; left.length > 0; ) {
    const isFinal = !tried.isByTurn || tried.seat.ticket.key === null || tried.fit.size > 0;
    const next = tried.isByTurn ? await nextTurn(left, tried, means) : (left[0] ?? '');
    const why = await whyNot(next, { ...tried, isFinal }, means);
    if (why === null && isFinal) return { chosen: next, failed };
    if (why === null) tried.fit.add(next);
    else {
      failed.push({ accountId: next, why });
      left = left.filter((accountId) => accountId !== next);
    }
  }
  return { chosen: null, failed };
}

function nextTurn(candidates: readonly string[], { seat, fit }: Tried, { ledger }: Means): Promise<string> {
  return ledger.nextTurn({ team: seat.name, candidates, key: fit.size > 0 ? seat.ticket.key : null });
}

async function whyNot(
  accountId: string,
  { seat, fit, isFinal }: Tried & { readonly isFinal: boolean },
  means: Means,
): Promise<string | null> {
  const unfit = fit.has(accountId) ? null : await whyUnfit(accountId, seat, means);
  if (unfit !== null || !isFinal || claim(accountId, seat, means)) return unfit;
  return FULL_MEANWHILE;
}

const FULL_MEANWHILE = 'was given another issue at this moment, and has as many as are allowed';

/** Who could be assigned a minute ago very likely can be still; write-back asks again. */
const ASSIGNABLE_MS = 60_000;

/** What only Jira knows: whether this person may be assigned here, and how much they have to do. */
async function whyUnfit(accountId: string, seat: Seat, means: Means): Promise<string | null> {
  const isAssignable = await means.tracker.isAssignable(seat.ticket.issue.key, accountId, ASSIGNABLE_MS);
  return isAssignable ? whyFull(accountId, seat, means) : 'cannot be assigned on this issue';
}

async function whyFull(accountId: string, seat: Seat, { loads, playbook }: Means): Promise<string | null> {
  const capacity = capacityOf(accountId, seat);
  // What somebody has open already holds this very ticket, if it is theirs.
  if (capacity === null || accountId === holderOf(seat)) return null;
  const open = await loads.open(accountId, playbook);
  if (open === null) return UNCOUNTED;
  if (open < capacity) return null;
  return `has ${issues(open)}, ${capacity} ${capacity === 1 ? 'is' : 'are'} allowed`;
}

/** A decision that is not going to be written fills nobody's desk, nor does a ticket that is there already. */
function claim(accountId: string, seat: Seat, { loads, playbook }: Means): boolean {
  if (seat.ticket.key === null || accountId === holderOf(seat)) return true;
  return loads.claim(accountId, playbook, capacityOf(accountId, seat));
}

function capacityOf(accountId: string, { team }: Seat): number | null {
  return team.members.find((member) => member.accountId === accountId)?.capacity ?? team.capacity ?? null;
}

const ALTERNATES = 2;

interface Choice {
  readonly seat: Seat;
  readonly ranking: Ranking;
  readonly failed: readonly PassedOver[];
}

/** Who stands in should the chosen one be gone by the time it is written: the next ones with room on their desk. */
async function nextAfter(chosen: string, { seat, ranking, failed }: Choice, means: Means) {
  const alternates: string[] = [];
  const full: PassedOver[] = [];
  const isOut = (accountId: string) => accountId === chosen || failed.some((one) => one.accountId === accountId);
  for (const accountId of inTurn(chosen, ranking).filter((one) => !isOut(one))) {
    if (alternates.length === ALTERNATES) break;
    const why = await whyFull(accountId, seat, means);
    if (why === null) alternates.push(accountId);
    else full.push({ accountId, why });
  }
  return { alternates, full };
}

/** Everybody the policy asks, those of the chosen one's tier from there on, which is roughly the order of their turns. */
function inTurn(chosen: string, { tiers }: Ranking): readonly string[] {
  return tiers.flatMap(({ people }) => {
    const place = people.indexOf(chosen);
    return [...people.slice(place + 1), ...people.slice(0, place + 1)];
  });
}

/** The others that the policy would have asked, with what put them behind. */
function laterThan(chosen: string, { tiers, isByTurn }: Ranking, out: ReadonlySet<string>): PassedOver[] {
  return tiers.flatMap(({ people, whyLater }) => {
    const why = isByTurn && people.includes(chosen) ? LATER_TURN : whyLater;
    return people.filter((one) => one !== chosen && !out.has(one)).map((accountId) => ({ accountId, why }));
  });
}
