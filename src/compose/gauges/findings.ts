import { z } from 'zod';
import type { Context } from '../../compose.ts';
import type { Ledger } from '../../domain/ports/ledger.ts';
import type { Source } from '../../telemetry/gauges.ts';

const Drifts = z.array(z.object({ target: z.string(), signal: z.string(), value: z.number(), limit: z.number() }));
/** How many values of each target Jira does not allow any more. */
const Retired = z.record(z.string(), z.number());

interface Findings {
  readonly drift: z.infer<typeof Drifts>;
  readonly retired: z.infer<typeof Retired>;
}

/** Keeps what a task found where every process sees it: the one that is asked may be another than the one that ran it. */
export async function keepFinding<Name extends keyof Findings>(
  ledger: Pick<Ledger, 'setCursor'>,
  name: Name,
  finding: Findings[Name],
): Promise<void> {
  await ledger.setCursor(`found-${name}`, JSON.stringify(finding));
}

/** What upkeep last found. */
export function findings({ ledger, metrics }: Context): Source {
  return {
    name: 'upkeep',
    gauges: [metrics.drift, metrics.driftLimit, metrics.retiredValues],
    read: async () => {
      const [drift, retired] = await Promise.all([ledger.cursor('found-drift'), ledger.cursor('found-retired')]);
      const [drifts, counts] = [parsed(Drifts, drift) ?? [], parsed(Retired, retired) ?? {}];
      return () => {
        for (const { target, signal, value, limit } of drifts) {
          metrics.drift.set({ target, signal }, value);
          metrics.driftLimit.set({ target, signal }, limit);
        }
        for (const [target, count] of Object.entries(counts)) metrics.retiredValues.set({ target }, count);
      };
    },
  };
}

/** Null for what another version wrote. */
function parsed<Schema extends z.ZodType>(schema: Schema, text: string | null): z.output<Schema> | null {
  return text === null ? null : (schema.safeParse(JSON.parse(text)).data ?? null);
}
