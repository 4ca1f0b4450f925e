/** A past ticket that is like the new one, and who finished it. */
export interface SimilarWork {
  readonly person: string;
  /** Comparable among the tickets of one look. */
  readonly similarity: number;
}

/** One of the newest tickets of the project, whatever it was about. */
export interface RecentWork {
  readonly person: string;
  /** What it counts, 0 to 1. */
  readonly weight: number;
  readonly ageDays: number;
  readonly isSameReporter: boolean;
  readonly isSameComponent: boolean;
  /** Whoever reported it finished it. */
  readonly isOwn: boolean;
}

export interface Resolver {
  readonly person: string;
  /** 0 to 2.6: the four shares below, each by its weight. */
  readonly score: number;
}

/** So many of the newest tickets are looked at: on real projects 300 rank as well as all of them. */
export const RECENT_TICKETS = 300;

/**
 * What each share is worth, found on later tickets of three open projects' histories and held against the ones after
 * those; the order of two people rarely hangs on the exact numbers.
 */
const WORTH = { similar: 0.6, reporter: 1.2, component: 0.3, recent: 0.5 } as const;
const SHARPNESS = 1.5;
/** Days after which work counts half: who works here now changes faster than who knows a reporter or a component. */
const HALF_LIFE_DAYS = { reporter: 180, component: 180, recent: 60 } as const;
/** A first ticket of a reporter or a component says less than its share. */
const SHRINKAGE = 0.5;

/**
 * Everybody who finished some of this work, who is likeliest to finish the new ticket first; at the same score by
 * account id. Where people finish what they report, its reporter is among them, with nothing finished yet as well.
 */
export function rankResolvers(
  similar: readonly SimilarWork[],
  recent: readonly RecentWork[],
  reporter: string | null,
): readonly Resolver[] {
  const scores = new Map<string, number>();
  const add = (shares: ReadonlyMap<string, number>, worth: number) => {
    for (const [person, share] of shares) scores.set(person, (scores.get(person) ?? 0) + worth * share);
  };
  const aged = (halfLifeDays: number) => (work: RecentWork) => [work.person, weightOf(work, halfLifeDays)] as const;
  add(sharesOf(similar.map(({ person, similarity }) => [person, Math.max(similarity, 0) ** SHARPNESS])), WORTH.similar);
  add(sharesOf(recent.map(aged(HALF_LIFE_DAYS.recent))), WORTH.recent);
  const ofReporter = recent.filter(({ isSameReporter }) => isSameReporter).map(aged(HALF_LIFE_DAYS.reporter));
  const byThemselves = reporter === null ? 0 : SHRINKAGE * ownShare(recent);
  if (reporter !== null && byThemselves > 0) ofReporter.push([reporter, byThemselves]);
  add(sharesOf(ofReporter, SHRINKAGE - byThemselves), WORTH.reporter);
  const ofComponent = recent.filter(({ isSameComponent }) => isSameComponent);
  add(sharesOf(ofComponent.map(aged(HALF_LIFE_DAYS.component)), SHRINKAGE), WORTH.component);
  return [...scores]
    .map(([person, score]) => ({ person, score }))
    .sort((one, other) => other.score - one.score || (one.person < other.person ? -1 : 1));
}

/** How much of the work, new work before old, was finished by whoever reported it: 0 to 1. */
function ownShare(recent: readonly RecentWork[]): number {
  const weights = recent.map((work) => [work.isOwn, weightOf(work, HALF_LIFE_DAYS.recent)] as const);
  return sharesOf(weights, SHRINKAGE).get(true) ?? 0;
}

function weightOf({ weight, ageDays }: RecentWork, halfLifeDays: number): number {
  return weight * 0.5 ** (ageDays / halfLifeDays);
}

/** Each person's part of the whole weight, the whole being raised by `more`. */
function sharesOf<Who>(weights: readonly (readonly [Who, number])[], more = 0): ReadonlyMap<Who, number> {
  const whole = weights.reduce((sum, [, weight]) => sum + weight, more);
  const shares = new Map<Who, number>();
  if (whole <= 0) return shares;
  for (const [person, weight] of weights) shares.set(person, (shares.get(person) ?? 0) + weight / whole);
  return shares;
}
