import { messageOf, PermanentError } from '../../domain/errors.ts';
import type { Ledger } from '../../domain/ports/ledger.ts';
import type { Clock } from '../../domain/ports/model.ts';
import type { Tracker } from '../../domain/ports/tracker.ts';
import type { HandOverPorts } from './hand-over.ts';
import { beginRun, type SweepReport } from './run.ts';
import {
  beginning,
  FIELDS,
  lookingBack,
  NOTHING_SWEPT,
  readState,
  type SweepState,
  type Way,
  writeState,
} from './state.ts';
import { type Step, walkOn } from './walk.ts';

/** As many issues as Jira gives for one look at ids that it should look up past the lag of its index. */
const FRESH = 50;
/** 100 issues each, shared by all projects: 10,000 issues every five minutes. */
const PAGES_PER_RUN = 100;
const MIN_PAGES = 2;
/** A webhook is on its way for so long, and an issue to Jira's index. */
const SETTLE_MS = 2 * 60_000;

/** What is swept: the projects of the playbook. */
interface Swept {
  readonly projects: readonly string[];
}

export interface SweepPorts extends HandOverPorts {
  readonly tracker: Pick<Tracker, 'glimpse' | 'serverTime' | 'count'>;
  readonly ledger: Pick<Ledger, 'knownIssues' | 'lastWritten' | 'cursor' | 'setCursor'>;
  readonly clock: Clock;
}

export interface SweepOptions {
  /** The ledger forgets what is older; nothing beyond is swept. */
  readonly retentionDays: number;
  readonly pages?: number;
  readonly settleMs?: number;
}

/**
 * Holds Jira against the ledger: tickets and corrections that no webhook told us of are handed over as if one had. A run
 * goes through the issues since the last one and a good while before; after a long absence several runs catch up. The
 * first run of a project only begins: what was there before is none of ours. Throws what Jira, the ledger and the queue
 * throw; what was handed over until then is done.
 */
export async function sweepTickets(playbook: Swept, ports: SweepPorts, options: SweepOptions): Promise<SweepReport> {
  const run = await beginRun(playbook.projects, ports);
  const { retentionDays, settleMs = SETTLE_MS, pages: inAll = PAGES_PER_RUN } = options;
  const pages = Math.max(MIN_PAGES, Math.floor(inAll / (FIELDS.length * run.projects.length)));
  const how = { fresh: await ports.ledger.lastWritten(FRESH), pages, settleMs, retentionDays };
  for (const project of run.projects) {
    try {
      for (const field of FIELDS) {
        const place = { project, field };
        const keep = (way: Way, step: Step) => run.keep(place, way, step);
        if (!(await walkOn({ ...how, ...place, ...run.at(place), keep }, ports))) run.leave(place);
      }
    } catch (error) {
      if (!(error instanceof PermanentError)) throw error;
      run.hide(project, messageOf(error));
    }
  }
  return run.end();
}

/** Has the next runs look back to a time in the past once more, or for the first time; `since` is Jira's time. */
export async function sweepSince(since: string, playbook: Swept, ledger: SweepPorts['ledger']): Promise<void> {
  const state = await stateOrNone(ledger);
  const projects = playbook.projects.map((project) => {
    const known = state.projects[project];
    return [project, known ? lookingBack(known, since) : beginning(since)] as const;
  });
  await writeState({ ...state, projects: Object.fromEntries(projects) }, ledger);
}

/** What cannot be read is begun anew by this very command. */
async function stateOrNone(ledger: SweepPorts['ledger']): Promise<SweepState> {
  try {
    return await readState(ledger);
  } catch (error) {
    if (error instanceof PermanentError) return NOTHING_SWEPT;
    throw error;
  }
}
