import { actorOf, type Quality, type Steering, type UndoRequest } from '../../admin/steering.ts';
import type { Delivery, Receipt } from '../../domain/decision/delivery.ts';
import type { Undo, UndoRehearsal } from '../../domain/decision/undo.ts';
import { PermanentError, RateLimitedError, RejectedError, TransientError } from '../../domain/errors.ts';
import type { Playbook } from '../../domain/playbook/playbook.ts';
import type { Ledger, UndoFilter } from '../../domain/ports/ledger.ts';
import type { Clock } from '../../domain/ports/model.ts';
import type { Tracker } from '../../domain/ports/tracker.ts';
import { sinceOf } from '../../domain/since.ts';
import { lowerBound } from '../../learning/statistics.ts';
import type { Publish } from '../../queue/catalogue.ts';
import { reclassify, reclassifyQuery } from '../../upkeep/reclassify.ts';
import { findUndos } from '../../write-back/undo/find.ts';
import { rehearseUndo } from '../../write-back/undo.ts';
import { deadLetterSteering } from './dead-letters.ts';
import { sweepAsAsked } from './sweep.ts';

export interface SteeringParts {
  readonly site: string;
  readonly tracker: Tracker;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly playbook: () => Playbook;
  readonly areWritesOn: boolean;
  /** How far back the ledger remembers. */
  readonly retentionDays: number;
  readonly receive: (delivery: Delivery) => Promise<Receipt>;
  readonly publish: Publish;
  /** Queues undos, or makes them at once. */
  readonly carryOut: (undos: readonly Undo[]) => Promise<void>;
}

/** Has the workers make undos, one job per issue, newest write first; not before so many milliseconds. */
export function queueUndos(publish: Publish, delayMs = 0): SteeringParts['carryOut'] {
  return async (undos) => {
    const byIssue = Map.groupBy(undos, ({ write }) => write.issueId);
    const jobs = [...byIssue.values()].map((own) => ({
      undos: own.map(({ id, write }) => ({ id, writeId: write.decisionId })),
    }));
    for (let from = 0; from < jobs.length; from += PUBLISHED)
      await publish('undo', jobs.slice(from, from + PUBLISHED), { isRevival: true, delayMs });
  };
}

/** Jobs per call, so that none waits longer for the queue than a publish may take. */
const PUBLISHED = 200;

const REHEARSED = 100;
const LISTED_AUDITS = 200;

/** What people can make the service do, over this process's own parts. */
export function steering(parts: SteeringParts): Steering {
  const { ledger } = parts;
  return {
    ...undoing(parts),
    ...reclassifying(parts),
    sweep: (request) => sweepAsAsked(request, parts),
    ...deadLetterSteering({ ...parts, audit: (entry) => audit(entry, parts) }),
    brakes: () => ledger.brakes(),
    releaseBrake: (id, actor) => releaseBrake({ id, actor }, parts),
    audits: () => ledger.audits(LISTED_AUDITS),
    quality: (days) => quality(days, parts),
  };
}

function undoing(parts: SteeringParts): Pick<Steering, 'rehearseUndo' | 'undo' | 'write'> {
  const { ledger, playbook } = parts;
  return {
    write: (id) => ledger.write(id),
    rehearseUndo: async (request) => {
      const { undos, why } = await findUndos(filterOf(request, parts), parts);
      const looks = await rehearseAll(undos.slice(0, REHEARSED), playbook(), parts);
      return { undos: looks, more: undos.length - looks.length, why };
    },
    undo: async (request) => {
      if (!parts.areWritesOn)
        throw new RejectedError(400, 'nothing can be taken back while TRIAGE_WRITES is off; a dry run can be made');
      const filter = filterOf(request, parts);
      const { undos, why } = await findUndos(filter, parts);
      if (undos.length === 0) return { undos: [], why };
      await audit({ action: 'undo', actor: actorOf(request), detail: undoWords(filter, undos.length) }, parts);
      await parts.carryOut(undos);
      const told = undos.map(({ id, write: { decisionId: writeId, issueKey } }) => ({ id, writeId, issueKey }));
      return { undos: told, why: null };
    },
  };
}

/** One after the other, as far as Jira lets us. */
async function rehearseAll(undos: readonly Undo[], playbook: Playbook, parts: SteeringParts): Promise<UndoRehearsal[]> {
  const looks: UndoRehearsal[] = [];
  try {
    for (const undo of undos) looks.push(await rehearseUndo(undo, playbook, parts));
  } catch (error) {
    if (!(error instanceof RateLimitedError)) throw error;
    if (looks.length === 0)
      throw new TransientError('Jira asks us to slow down; try again in a moment', { cause: error });
  }
  return looks;
}

function reclassifying(parts: SteeringParts): Pick<Steering, 'reclassify'> {
  return {
    reclassify: async (request) => {
      const { issues = [], jql, next = null, onlyChanged, overrideHumans, dryRun } = request;
      const done = { queued: new Set(issues).size, foreign: 0, next: null, retryAfterMs: 0 };
      const how = { onlyChanged, overrideHumans, actor: actorOf(request) };
      if (jql === undefined) {
        // An unknown id is no trouble: Jira takes keys for ids.
        const named = [...new Set(issues)].map((key) => ({ id: key, key }));
        if (!dryRun) await reclassify(named, how, parts);
        return done;
      }
      const query = { jql, page: next, projects: parts.playbook().projects };
      return refusedJql(async () =>
        dryRun ? { ...done, queued: await parts.tracker.count(jql) } : reclassifyQuery(query, how, parts),
      );
    },
  };
}

/** What Jira says of JQL it does not take is for whoever wrote it. */
async function refusedJql<Answer>(search: () => Promise<Answer>): Promise<Answer> {
  try {
    return await search();
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    throw new RejectedError(400, `Jira refuses to search: ${error.message}`, { cause: error });
  }
}

async function releaseBrake(
  { id, actor }: { readonly id: string; readonly actor: string },
  parts: Pick<SteeringParts, 'ledger' | 'clock'>,
) {
  const brake = (await parts.ledger.brakes()).find((one) => one.id === id);
  if (!brake) throw new RejectedError(404, `no brake ${id} is on; they are listed under brakes`);
  const { target, value, why } = brake;
  await audit(
    { action: 'release-brake', actor, detail: `${target}${value === null ? '' : `=${value}`}: ${why}` },
    parts,
  );
  return (await parts.ledger.releaseBrake(id, actor)) ?? brake;
}

async function quality(days: number | null, { ledger, clock, playbook }: SteeringParts): Promise<Quality> {
  const { windowDays, doubt } = playbook().guardRails;
  const since = new Date(clock.now().getTime() - (days ?? windowDays) * 24 * 3_600_000).toISOString();
  const [rates, groups, brakes] = await Promise.all([
    ledger.overrideRates(since),
    ledger.groupQuality(since),
    ledger.brakes(),
  ]);
  const rated = rates.map((rate) => ({ ...rate, lowerBound: lowerBound(rate.overridden, rate.judged, doubt) }));
  return { since, rates: rated.toSorted((one, other) => other.lowerBound - one.lowerBound), groups, brakes };
}

function filterOf({ issue, revision, decision, since }: UndoRequest, { clock }: SteeringParts): UndoFilter {
  const from = since === undefined ? null : sinceOf(since, clock.now());
  if (since !== undefined && from === null)
    throw new RejectedError(400, 'since: must be like 90m, 2h or 3d, or a time such as 2026-05-01T08:00:00Z');
  return {
    ...(issue === undefined ? {} : { issueKey: issue }),
    ...(revision === undefined ? {} : { revision }),
    ...(decision === undefined ? {} : { decisionId: decision }),
    ...(from === null ? {} : { since: from }),
  };
}

function undoWords({ issueKey, revision, decisionId, since }: UndoFilter, writes: number): string {
  const what = issueKey ?? decisionId ?? `revision ${revision}`;
  return `${what}${since === undefined ? '' : ` since ${since}`}: ${writes} ${writes === 1 ? 'write' : 'writes'}`;
}

async function audit(
  entry: { readonly action: string; readonly actor: string; readonly detail: string },
  { ledger, clock }: Pick<SteeringParts, 'ledger' | 'clock'>,
): Promise<void> {
  await ledger.audit({ at: clock.now().toISOString(), ...entry });
}
