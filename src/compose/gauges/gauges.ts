import type { Context } from '../../compose.ts';
import type { Playbook } from '../../domain/playbook/playbook.ts';
import { queueNames } from '../../queue/catalogue.ts';
import { openGauges, type Source } from '../../telemetry/gauges.ts';
import { accounts } from '../../upkeep/sweep/accounting.ts';
import { findings } from './findings.ts';

const DAY_MS = 24 * 3600 * 1000;
const QUALITY_DAYS = 30;
/** Looks at thousands of rows, and changes by the hour. */
const SLOW_MS = 60_000;

/** Brings the gauges that tell of shared state up to date, right before they are read. Never throws. */
export function gaugesOf(context: Context): () => Promise<void> {
  const sources = [queues, ledger, sweep, quality, memory, budget, findings].map((source) => source(context));
  return openGauges(sources, context);
}

function queues({ publisher, metrics, clock }: Context): Source {
  return {
    name: 'queue',
    gauges: [metrics.queueDepth, metrics.queueOldest],
    read: async () => {
      const [depths, since] = await Promise.all([publisher.depths(), publisher.waitingSince()]);
      const now = clock.now().getTime();
      return () => {
        for (const [queue, states] of Object.entries(depths)) {
          for (const [state, count] of Object.entries(states)) metrics.queueDepth.set({ queue, state }, count);
        }
        for (const [queue, at] of since)
          metrics.queueOldest.set({ queue }, at === null ? 0 : Math.max(0, (now - at) / 1000));
      };
    },
  };
}

function ledger({ ledger, metrics }: Context): Source {
  return {
    name: 'ledger',
    gauges: [metrics.open, metrics.openOldest, metrics.brakes, metrics.deadLetters],
    read: async () => {
      const [{ open, oldestMs }, brakes, letters] = await Promise.all([
        ledger.backlog(),
        ledger.brakes(),
        ledger.deadLetterCounts(),
      ]);
      return () => {
        metrics.open.set(open);
        metrics.openOldest.set(oldestMs / 1000);
        metrics.brakes.set(brakes.length);
        for (const queue of queueNames) metrics.deadLetters.set({ queue }, letters[queue] ?? 0);
      };
    },
  };
}

function sweep({ ledger, metrics, playbook }: Context): Source {
  return {
    name: 'sweep',
    gauges: [metrics.unaccounted, metrics.lastSweep],
    read: async () => {
      const graceMs = playbook().writeBack.graceSeconds * 1000;
      const { unaccounted, sweptAt } = await accounts(ledger, { graceMs });
      return () => {
        metrics.unaccounted.set(unaccounted);
        if (sweptAt !== null) metrics.lastSweep.set(Date.parse(sweptAt) / 1000);
      };
    },
  };
}

function quality({ ledger, metrics, clock, playbook }: Context): Source {
  return {
    name: 'quality',
    gauges: [metrics.judged, metrics.overrideRate, metrics.calibrationError],
    freshMs: SLOW_MS,
    read: async () => {
      const since = new Date(clock.now().getTime() - QUALITY_DAYS * DAY_MS).toISOString();
      const targets = await ledger.targetQuality(since);
      // What the playbook no longer names would stay for a month.
      const names = new Set(playbook().targets.map(({ name }) => name));
      return () => {
        for (const { target, judged, overridden, calibrationError } of targets.filter((one) => names.has(one.target))) {
          metrics.judged.set({ target }, judged);
          metrics.calibrationError.set({ target }, calibrationError);
          if (judged > 0) metrics.overrideRate.set({ target }, overridden / judged);
        }
      };
    },
  };
}

function memory({ memory, metrics, shelf }: Context): Source {
  return {
    name: 'memory',
    gauges: [metrics.memorySize, metrics.classifierTickets, metrics.classifierStored],
    read: async () => {
      const size = await memory.size();
      return () => {
        const storedAt = shelf.storedAt();
        metrics.memorySize.set(size);
        metrics.classifierTickets.set(shelf.current()?.summary.tickets ?? 0);
        if (storedAt !== null) metrics.classifierStored.set(Date.parse(storedAt) / 1000);
      };
    },
  };
}

function budget({ answers, metrics, clock, playbook }: Context): Source {
  return {
    name: 'budget',
    gauges: [metrics.modelBudget],
    read: async () => {
      const spent = await answers.spent(clock.now().toISOString().slice(0, 10));
      return () => {
        for (const { scope, unit, used } of shares(spent, playbook())) metrics.modelBudget.set({ scope, unit }, used);
      };
    },
  };
}

type Spent = Awaited<ReturnType<Context['answers']['spent']>>;

/** How much of each limit is used; none where nothing is limited. Of projects the one nearest to its limit. */
function shares(spent: Spent, { model }: Pick<Playbook, 'model'>) {
  const { perDay, perProject } = model?.budget ?? {};
  const units = ['tokens', 'money'] as const;
  const usedBy = (isOfProject: boolean, unit: 'tokens' | 'money') =>
    Math.max(0, ...spent.filter(({ project }) => (project !== null) === isOfProject).map((cost) => cost[unit]));
  return units.flatMap((unit) => {
    const [day, project] = [perDay?.[unit] ?? null, perProject?.[unit] ?? null];
    return [
      ...(day ? [{ scope: 'all', unit, used: usedBy(false, unit) / day }] : []),
      ...(project ? [{ scope: 'project', unit, used: usedBy(true, unit) / project }] : []),
    ];
  });
}
