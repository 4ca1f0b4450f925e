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
  const alike = new Shares();
  for (const { person, similarity } of similar) alike.add(person, Math.max(similarity, 0) ** SHARPNESS);
  const [lately, ofReporter, ofComponent] = [new Shares(), new Shares(), new Shares()];
  let own = 0;
  for (const work of recent) {
    const weight = weightOf(work, HALF_LIFE_DAYS.recent);
    lately.add(work.person, weight);
    if (work.isOwn) own += weight;
    if (work.isSameReporter) ofReporter.add(work.person, weightOf(work, HALF_LIFE_DAYS.reporter));
    if (work.isSameComponent) ofComponent.add(work.person, weightOf(work, HALF_LIFE_DAYS.component));
  }
  const byThemselves = reporter === null ? 0 : (SHRINKAGE * own) / (lately.whole + SHRINKAGE);
  if (reporter !== null && byThemselves > 0) ofReporter.add(reporter, byThemselves);
  const scores = new Map<string, number>();
  alike.scoreInto(scores, WORTH.similar);
  lately.scoreInto(scores, WORTH.recent);
  ofReporter.scoreInto(scores, WORTH.reporter, SHRINKAGE - byThemselves);
  ofComponent.scoreInto(scores, WORTH.component, SHRINKAGE);
  return [...scores]
    .map(([person, score]) => ({ person, score }))
    .sort((one, other) => other.score - one.score || (one.person < other.person ? -1 : 1));
}

function weightOf({ weight, ageDays }: RecentWork, halfLifeDays: number): number {
  return weight * 0.5 ** (ageDays / halfLifeDays);
}

/** Each person's part of the whole weight. */
class Shares {
  readonly #weights = new Map<string, number>();
  whole = 0;

  add(person: string, weight: number): void {
    this.#weights.set(person, (this.#weights.get(person) ?? 0) + weight);
    this.whole += weight;
  }

  /** The whole counts as if there were `more` of it, which is nobody's. */
  scoreInto(scores: Map<string, number>, worth: number, more = 0): void {
    const whole = this.whole + more;
    if (whole <= 0) return;
    for (const [person, weight] of this.#weights)
      scores.set(person, (scores.get(person) ?? 0) + (worth * weight) / whole);
  }
}
