import type { Delivery } from '../../../src/domain/decision/delivery.ts';
import { TransientError } from '../../../src/domain/errors.ts';
import type { Playbook } from '../../../src/domain/playbook/playbook.ts';
import type { Ledger } from '../../../src/domain/ports/ledger.ts';
import type { Tracker } from '../../../src/domain/ports/tracker.ts';
import { type TriageRequest, triage } from '../../../src/triage/triage.ts';
import { apply } from '../../../src/write-back/apply.ts';
import { nextRound } from '../../../src/write-back/rounds.ts';
import { ledgerFake } from '../../fakes/ledger.ts';
import { memoryFake } from '../../fakes/memory.ts';
import { deliveryWith } from '../fixtures.ts';
import { noModel } from '../model.ts';
import { freeDesk } from '../routing.ts';

/** What happens at one call of a port. */
export interface Happening {
  /** Of which call since the ticket came in, counted from 0; and whether before or after it. */
  readonly call: number;
  readonly isAfter: boolean;
  readonly what: 'edit' | 'crash';
}

export interface Interruptions {
  readonly happenings: readonly Happening[];
  /** Done by a person, one after the other, at each happening of that kind. */
  readonly edit: (isInWindow: boolean) => void;
}

/** A job as the queues would hold it. */
type Job =
  | { readonly queue: 'triage'; readonly request: TriageRequest }
  | { readonly queue: 'write-back'; readonly decisionId: string; readonly request: TriageRequest };

export interface Flow {
  /** Ends when every job is done; how often one had to be run again. */
  run(deliveries: readonly Delivery[], isTogether: boolean): Promise<number>;
  readonly ledger: Ledger;
}

const MANY = 60;

/** The whole way of one ticket, with everything that may come in between at every call of a port. */
export function openFlow(tracker: Tracker, playbook: Playbook, interruptions: Interruptions): Flow {
  const ledger = ledgerFake();
  const windows = new Set<symbol>();
  const watch = watcher(interruptions, () => windows.size > 0);
  const watched = watch({ tracker, ledger });
  const ports = {
    ...watched,
    memory: memoryFake(),
    embedder: null,
    ...noModel,
    ...freeDesk,
    localModel: () => null,
    clock: { now: () => new Date() },
    assertStillOurs: async () => {},
  };

  async function runJob(job: Job): Promise<Job | null> {
    const { request } = job;
    const { deliveryId, attempt } = request;
    if (job.queue === 'triage') {
      const outcome = await triage(request, playbook, ports);
      if (outcome.kind === 'decided') return { queue: 'write-back', decisionId: outcome.decision.id, request };
      await watched.ledger.settle(deliveryId, attempt, { state: 'ignored', reason: outcome.reason });
      return null;
    }
    const record = await applyWatched(job.decisionId);
    const again = await nextRound(record, watched);
    if (again) return { queue: 'triage', request: { ...request, ...again } };
    await watched.ledger.settle(deliveryId, attempt, { state: 'triaged' });
    return null;
  }

  /** Between its look and its edit a person's edit lies in the window that nobody can close. */
  async function applyWatched(decisionId: string) {
    const own = Symbol(decisionId);
    const inWindow: Tracker = {
      ...tracker,
      issue: (id) => {
        windows.add(own);
        return tracker.issue(id);
      },
      edit: async (id, edit) => {
        const result = await tracker.edit(id, edit);
        windows.delete(own);
        return result;
      },
    };
    try {
      return await apply(decisionId, playbook, { ...ports, ...watch({ tracker: inWindow, ledger }) });
    } finally {
      windows.delete(own);
    }
  }

  async function receive(delivery: Delivery): Promise<Job[]> {
    const { plan, issueId } = delivery;
    const [receipt] = await ledger.receive([delivery]);
    if (!receipt || plan.kind !== 'do' || issueId === null || receipt.status === 'done') return [];
    const { isForced, overridesHumans = false } = plan;
    const request = { deliveryId: receipt.id, attempt: receipt.attempt, issueId, isForced, overridesHumans, round: 0 };
    return [{ queue: 'triage', request }];
  }

  return {
    ledger,
    run: async (deliveries, isTogether) => {
      let reruns = 0;
      let jobs: Job[] = [];
      const waiting = [...deliveries];
      for (let turn = 0; turn < MANY; turn++) {
        const next = waiting.shift();
        if (next) jobs = distinct([...jobs, ...(await receive(next))]);
        if (jobs.length === 0 && waiting.length === 0) return reruns;
        const now = isTogether ? jobs : jobs.slice(0, 1);
        const later = jobs.slice(now.length);
        const ends = await Promise.allSettled(now.map(runJob));
        for (const end of ends) if (end.status === 'rejected' && !isPassing(end.reason)) throw end.reason;
        const follow = ends.map((end, index) => (end.status === 'fulfilled' ? end.value : (now[index] ?? null)));
        reruns += ends.filter(({ status }) => status === 'rejected').length;
        jobs = distinct([...later, ...follow.filter((job) => job !== null)]);
      }
      throw new Error(`the flow did not end: ${JSON.stringify(jobs)}`);
    },
  };
}

/** As the queues see to it: a job that waits or runs is not queued again. */
function distinct(jobs: readonly Job[]): Job[] {
  const idOf = (job: Job) => {
    const { deliveryId, attempt, round } = job.request;
    return job.queue === 'triage' ? `${deliveryId} ${attempt} ${round}` : job.decisionId;
  };
  return [...new Map(jobs.map((job) => [idOf(job), job])).values()];
}

class Crash extends Error {}

/** What the queue runs again. */
function isPassing(error: unknown): boolean {
  return error instanceof Crash || error instanceof TransientError;
}

/** A delivery of the ticket; forced, as a person would ask for it again. */
export function deliveryOf(issue: { readonly id: string; readonly key: string }, isForced: boolean): Delivery {
  return deliveryWith({ issueId: issue.id, issueKey: issue.key, plan: { kind: 'do', intent: 'triage', isForced } });
}

interface Ports {
  readonly tracker: Tracker;
  readonly ledger: Ledger;
}

type Watch = (ports: Ports) => Ports;

/** Makes ports where every call counts, before and after. */
function watcher({ happenings, edit }: Interruptions, isInWindow: () => boolean): Watch {
  let calls = 0;
  const left = new Set(happenings);
  const at = (call: number, isAfter: boolean) => {
    for (const happening of left) {
      if (happening.call !== call || happening.isAfter !== isAfter) continue;
      left.delete(happening);
      if (happening.what === 'crash') throw new Crash(`at call ${call}`);
      edit(isInWindow());
    }
  };
  return ({ tracker, ledger }) => {
    const watched = <Given extends readonly unknown[], Answer>(call: (...given: Given) => Promise<Answer>) => {
      return async (...given: Given): Promise<Answer> => {
        const own = calls;
        calls += 1;
        at(own, false);
        const answer = await call(...given);
        at(own, true);
        return answer;
      };
    };
    return {
      tracker: {
        ...tracker,
        issue: watched(tracker.issue),
        isAssignable: watched(tracker.isAssignable),
        edit: watched(tracker.edit),
        putInternalNote: watched(tracker.putInternalNote),
      },
      ledger: {
        ...ledger,
        decision: watched(ledger.decision),
        recordDecision: watched(ledger.recordDecision),
        recordWrite: watched(ledger.recordWrite),
        write: watched(ledger.write),
        settle: watched(ledger.settle),
        brakes: watched(ledger.brakes),
      },
    };
  };
}
