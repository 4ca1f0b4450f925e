import { z } from 'zod';

/** Every queue that workers serve. */
const QUEUES = ['intake', 'triage', 'write-back', 'undo', 'feedback', 'upkeep'] as const;
type Queue = (typeof QUEUES)[number];

const Concurrency = z.coerce.number().int().min(1).max(512).optional();
const Port = z.coerce.number().int().min(0).max(65_535);

/** What a process does and where it listens. */
export const ProcessSchema = z.object({
  /** Queues that the workers of this process serve; all when absent. */
  WORKER_QUEUES: z
    .string()
    .transform((joined) => joined.split(',').map((name) => name.trim()))
    .pipe(z.array(z.enum(QUEUES)).min(1))
    .optional(),
  TRIAGE_CONCURRENCY: Concurrency,
  WRITE_BACK_CONCURRENCY: Concurrency,
  FEEDBACK_CONCURRENCY: Concurrency,
  /** Tickets that may wait to be decided before intake asks Jira to send again later. */
  QUEUE_LIMIT: z.coerce.number().int().min(100).default(100_000),
  /** Within so many seconds of SIGTERM the process has ended. */
  STOP_SECONDS: z.coerce.number().int().min(2).max(3_600).default(25),
  HOST: z.string().default('0.0.0.0'),
  /** Webhooks. */
  PORT: Port.default(8080),
  /** Health, metrics and /admin, for one's own network only. */
  OPS_PORT: Port.default(8081),
});

type ProcessEnv = z.output<typeof ProcessSchema>;

export function processOf(it: ProcessEnv) {
  return {
    http: { host: it.HOST, port: it.PORT, opsPort: it.OPS_PORT },
    workerQueues: it.WORKER_QUEUES ?? QUEUES,
    concurrency: {
      triage: it.TRIAGE_CONCURRENCY ?? null,
      'write-back': it.WRITE_BACK_CONCURRENCY ?? null,
      feedback: it.FEEDBACK_CONCURRENCY ?? null,
    },
    queueLimit: it.QUEUE_LIMIT,
    stopMs: it.STOP_SECONDS * 1_000,
  };
}

export interface ProcessSettings {
  readonly http: { readonly host: string; readonly port: number; readonly opsPort: number };
  readonly workerQueues: readonly Queue[];
  /** Jobs of a queue that run at once in a process; null: as many as suits what is asked for them. */
  readonly concurrency: Readonly<Record<'triage' | 'write-back' | 'feedback', number | null>>;
  /** Above so many tickets that wait, intake asks Jira to send again later. */
  readonly queueLimit: number;
  /** From SIGTERM to the end of the process. */
  readonly stopMs: number;
}
