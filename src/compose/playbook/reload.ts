import { MisconfiguredError, messageOf } from '../../domain/errors.ts';
import type { Clock } from '../../domain/ports/model.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { type Edition, type Rulebook, unmeasured } from './edition.ts';

/** A change is noticed after this and taken after twice this. */
const LOOK_MS = 2_000;
/** What was refused may hold later without being changed: an account was created, a calendar can be read again. */
const RETRY_MS = 5 * 60_000;

export interface ReloadPorts {
  readonly rulebook: Rulebook;
  /** What no file shows; returns warnings and throws `MisconfiguredError` with faults. */
  readonly check: (edition: Edition) => Promise<readonly string[]>;
  /** Reads anew what lies in the folder beside the playbook, whose content no revision tells. Never throws. */
  readonly rereadBeside: () => void;
  /** What holds only from the next start on, in words. */
  readonly lagging: (before: Edition, after: Edition) => readonly string[];
  readonly clock: Clock;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly metrics: Pick<Metrics, 'playbookReloads' | 'playbookFaults'>;
}

export interface Reload {
  /**
   * Takes `config/` whole when it changed, came to rest and has no fault; with a fault the last good playbook stays, and
   * every fault is logged once. Never throws, and does nothing while it is at it. When asked for, it does not wait for a
   * change.
   */
  readonly look: (isAskedFor?: boolean) => Promise<void>;
  /** What keeps `config/` from being taken; empty when it holds. */
  readonly trouble: () => readonly string[];
}

/** Follows changes of `config/`, one look at a time. */
export function openReload(ports: ReloadPorts): Reload {
  let trouble: readonly string[] = [];
  let triedMs = 0;
  let isBusy = false;
  const nowMs = () => ports.clock.now().getTime();
  const isDue = () => ports.rulebook.isChanged() || (trouble.length > 0 && nowMs() - triedMs >= RETRY_MS);
  const look = async (isAskedFor = false) => {
    if (isBusy) return;
    isBusy = true;
    try {
      if (!isDue() && !isAskedFor) return;
      triedMs = nowMs();
      await take(ports, trouble.length > 0);
      trouble = [];
    } catch (error) {
      const faults = error instanceof MisconfiguredError ? error.faults : [messageOf(error)];
      if (faults.join('\n') !== trouble.join('\n')) refuse(ports, faults);
      trouble = faults;
    } finally {
      ports.metrics.playbookFaults.set(trouble.length);
      isBusy = false;
    }
  };
  return { look, trouble: () => trouble };
}

/** The same playbook again, for example rewritten by a deployment, changes nothing. */
async function take(ports: ReloadPorts, wasRefused: boolean): Promise<void> {
  const { rulebook, check, rereadBeside, lagging, log, metrics } = ports;
  const before = rulebook.current();
  const edition = await rulebook.prepare();
  const warnings = await check(edition);
  const { revision } = edition.playbook;
  const isAnother = revision !== before.playbook.revision || wasRefused;
  if (isAnother) rulebook.swap(edition);
  rereadBeside();
  if (!isAnother) return;
  metrics.playbookReloads.inc({ result: 'taken' });
  log.info({ revision, ...unmeasured(edition.playbook, edition.endpoints) }, 'took the changed playbook');
  for (const why of [...warnings, ...lagging(before, edition)]) log.warn({ why }, 'playbook');
}

function refuse({ rulebook, log, metrics }: ReloadPorts, faults: readonly string[]): void {
  metrics.playbookReloads.inc({ result: 'refused' });
  log.error(
    { faults, revision: rulebook.current().playbook.revision },
    'config/ has faults: the last good playbook stays until they are mended',
  );
}

/** Looks again and again, and at once on SIGHUP, until disposed. */
export function keepLooking({ look }: Reload): Disposable {
  const timer = setInterval(() => void look(), LOOK_MS).unref();
  const onHangUp = () => void look(true);
  // In a terminal it means that the terminal was closed, which ends a process as ever.
  const isService = !process.stdin.isTTY;
  if (isService) process.on('SIGHUP', onHangUp);
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      process.off('SIGHUP', onHangUp);
    },
  };
}
