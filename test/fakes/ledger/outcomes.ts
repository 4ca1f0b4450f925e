import type { Decision } from '../../../src/domain/decision/decision.ts';
import type { GroupQuality, Outcome, OverrideRate } from '../../../src/domain/decision/outcome.ts';
import type { Brake } from '../../../src/domain/playbook/brake.ts';
import type { DecidedShape, OutcomeLedger } from '../../../src/domain/ports/ledger.ts';
import type { Clock } from '../../../src/domain/ports/model.ts';
import type { Tables } from './tables.ts';

interface Pulled extends Brake {
  readonly releasedAt: number | null;
}

/** The part of the ledger that deals with what people made of decisions, and its part of `trim`. */
export interface OutcomesFake extends OutcomeLedger {
  trimBrakes(limitMs: number): number;
}

export function outcomesFake({ decisions, outcomes }: Tables, clock: Clock): OutcomesFake {
  let pulled: readonly Pulled[] = [];
  const judgedSince = (since: string) =>
    [...outcomes.values()].filter(({ judgedAt }) => Date.parse(judgedAt) >= Date.parse(since));
  const isOn = ({ releasedAt }: Pulled) => releasedAt === null;
  const releasedSince = ({ target, value, judgedAt }: Outcome) =>
    pulled.some(
      (brake) =>
        brake.target === target && holds(value, brake.value) && Date.parse(judgedAt) <= (brake.releasedAt ?? -Infinity),
    );
  return {
    recordOutcomes: async (judged) => {
      for (const one of judged) outcomes.set(JSON.stringify([one.decisionId, one.target]), one);
    },
    overrideRates: async (since) =>
      ratesOf(judgedSince(since).filter((one) => one.how === 'written' && !releasedSince(one))),
    overridden: async (since) =>
      judgedSince(since)
        .filter(({ result, to }) => result === 'overridden' && to !== null)
        .sort(byJudgedAt)
        .reverse()
        .slice(0, 10_000),
    groupQuality: async (since) => qualityOf(newestPerIssue(judgedSince(since).filter(({ isFinished }) => isFinished))),
    pullBrake: async (brake) => {
      const isSame = ({ id, target, value }: Brake) =>
        id === brake.id || (target === brake.target && value === brake.value);
      const isTaken = pulled.some((other) => isOn(other) && isSame(other));
      if (!isTaken) pulled = [...pulled, { ...brake, releasedAt: null }];
      return !isTaken;
    },
    brakes: async () =>
      pulled
        .filter(isOn)
        .map(told)
        .sort((one, other) => Date.parse(one.pulledAt) - Date.parse(other.pulledAt) || (one.id < other.id ? -1 : 1)),
    releaseBrake: async (id) => {
      const released = pulled.find((brake) => brake.id === id && isOn(brake));
      if (!released) return null;
      const releasedAt = clock.now().getTime();
      pulled = pulled.map((brake) => (brake === released ? { ...brake, releasedAt } : brake));
      return told(released);
    },
    decided: async (from, to) =>
      shapeOf(
        [...decisions.values()].filter(
          ({ decidedAt }) => Date.parse(from) <= Date.parse(decidedAt) && Date.parse(decidedAt) < Date.parse(to),
        ),
      ),
    trimBrakes: (limitMs) => {
      const before = pulled.length;
      pulled = pulled.filter(({ releasedAt }) => releasedAt === null || releasedAt > limitMs);
      return before - pulled.length;
    },
  };
}

/** Whether this is the class, or one of several that stand side by side. */
function holds(value: string, part: string | null): boolean {
  return part !== null && (value === part || value.split(' ').includes(part));
}

function told({ releasedAt: _, ...brake }: Pulled): Brake {
  return brake;
}

/** Oldest first. */
export function byJudgedAt(one: Outcome, other: Outcome): number {
  return (
    Date.parse(one.judgedAt) - Date.parse(other.judgedAt) ||
    (one.decisionId === other.decisionId
      ? Number(one.target > other.target) - 0.5
      : Number(one.decisionId > other.decisionId) - 0.5)
  );
}

const isJudged = ({ result }: Outcome) => result !== 'unjudged';
const isOverridden = ({ result }: Outcome) => result === 'overridden';

function ratesOf(outcomes: readonly Outcome[]): OverrideRate[] {
  const classes = grouped(outcomes.filter(isJudged), ({ target, value, revision }) => [target, value, revision]);
  return [...classes].map(([[target = '', value = '', revision = ''], group]) => ({
    target,
    value,
    revision,
    judged: group.length,
    overridden: group.filter(isOverridden).length,
  }));
}

/** A ticket that was decided twice counts once. */
function newestPerIssue(outcomes: readonly Outcome[]): readonly Outcome[] {
  const byIssue = outcomes
    .toSorted(byJudgedAt)
    .map((outcome) => [JSON.stringify([outcome.issueId, outcome.target]), outcome] as const);
  return [...new Map(byIssue).values()];
}

function qualityOf(outcomes: readonly Outcome[]): GroupQuality[] {
  const groups = grouped(outcomes, ({ target, how }) => [target, how === 'control' ? 'control' : 'treated']);
  return [...groups].map(([[target = '', group], members]) => {
    const settled = members.flatMap(({ settledAfterMs }) => settledAfterMs ?? []).sort((one, other) => one - other);
    return {
      target,
      group: group === 'control' ? 'control' : 'treated',
      tickets: members.length,
      judged: members.filter(isJudged).length,
      right: members.filter(({ result }) => result === 'confirmed').length,
      medianSettledMs: settled[Math.ceil(settled.length / 2) - 1] ?? null,
    };
  });
}

/** In the order of their names. */
function grouped(outcomes: readonly Outcome[], nameOf: (outcome: Outcome) => readonly string[]) {
  const groups = Map.groupBy(outcomes, (outcome) => JSON.stringify(nameOf(outcome)));
  return [...groups.values()]
    .map((members) => [members[0] ? nameOf(members[0]) : [], members] as const)
    .sort(([one], [other]) => (one.join('\n') < other.join('\n') ? -1 : 1));
}

function shapeOf(decisions: readonly Decision[]): DecidedShape {
  const shares = decisions.flatMap(({ unknownWords }) => unknownWords ?? []);
  const verdicts = decisions.flatMap((decision) => Object.entries(decision.verdicts));
  const targets = [...Map.groupBy(verdicts, ([target]) => target)].map(([target, group]) => {
    const said = group.flatMap(([, verdict]) => (verdict.kind === 'value' ? verdict : (verdict.best ?? [])));
    const values = [...Map.groupBy(said, ({ value }) => value)].map(([value, { length }]) => [value, length] as const);
    const abstained = group.filter(([, { kind }]) => kind === 'abstain').length;
    return [target, { decisions: group.length, abstained, values: Object.fromEntries(values) }] as const;
  });
  return {
    decisions: decisions.length,
    unknownWords: shares.length > 0 ? shares.reduce((sum, share) => sum + share, 0) / shares.length : null,
    targets: Object.fromEntries(targets),
  };
}
