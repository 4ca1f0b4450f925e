import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { EndpointName } from '../domain/decision/question.ts';
import { MisconfiguredError, messageOf } from '../domain/errors.ts';
import { PROFILES, type Profile } from '../domain/playbook/playbook.ts';

export const Secret = z.string().min(32, 'needs at least 32 characters; make one with: openssl rand -hex 32');
/** Every queue that workers serve. */
const QUEUES = ['triage', 'write-back', 'undo', 'feedback', 'upkeep'] as const;

const OptionalUrl = z.url({ protocol: /^https?$/ }).optional();

/** Where language models are asked; all of it may be missing. */
const EndpointsSchema = z.object({
  OPENAI_BASE_URL: OptionalUrl,
  OPENAI_API_KEY: z.string().optional(),
  /** Instead of what the playbook and the prompt say. */
  OPENAI_MODEL: z.string().optional(),
  OPENAI_PROFILE: z.enum(PROFILES).optional(),
  FALLBACK_BASE_URL: OptionalUrl,
  FALLBACK_API_KEY: z.string().optional(),
  FALLBACK_MODEL: z.string().optional(),
  FALLBACK_PROFILE: z.enum(PROFILES).optional(),
});

const EnvSchema = EndpointsSchema.extend({
  JIRA_URL: z.url({ protocol: /^https?$/, error: 'must be your site, for example https://acme.atlassian.net' }),
  JIRA_EMAIL: z.email('must be the e-mail of the account the service acts as'),
  JIRA_API_TOKEN: z.string().min(1, 'is missing; create one at id.atlassian.com → Security → API tokens'),
  /** Our part of the requests a second that Jira lets everybody on the site send together. */
  JIRA_RATE_SHARE: z.coerce.number().min(0.01).max(1).default(1),
  /** Several, separated by commas, while a secret is being rotated. */
  WEBHOOK_SECRETS: z
    .string()
    .transform((joined) => joined.split(',').map((secret) => secret.trim()))
    .pipe(z.array(Secret).min(1)),
  AUTOMATION_SECRET: Secret.optional(),
  ADMIN_TOKEN: Secret.optional(),
  TRIAGE_WRITES: z.enum(['off', 'on']).default('off'),
  DATA_DIR: z.string().default('.data'),
  CONFIG_DIR: z.string().default('config'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  EMBEDDINGS_MODEL: z.string().optional(),
  /** A model on this machine, instead. */
  EMBEDDINGS_FOLDER: z.string().optional(),
  PRESIDIO_URL: OptionalUrl,
  /** Languages it has models for; tickets in others are looked at with the first. */
  PRESIDIO_LANGUAGES: z
    .string()
    .default('en')
    .transform((joined) => joined.split(',').map((language) => language.trim()))
    .pipe(z.array(z.string().regex(/^[a-z]{2}$/, 'must be codes such as en,de')).min(1)),
  /** Hosts of absence calendars that may lie in one's own network. */
  CALENDAR_HOSTS: z
    .string()
    .default('')
    .transform((joined) => joined.split(',').map((host) => host.trim().toLowerCase()))
    .pipe(z.array(z.string().regex(/^[^/:\s]*$/, 'must be host names without port, separated by commas'))),
  /** Queues that the workers of this process serve; all when absent. */
  WORKER_QUEUES: z
    .string()
    .transform((joined) => joined.split(',').map((name) => name.trim()))
    .pipe(z.array(z.enum(QUEUES)).min(1))
    .optional(),
  TRIAGE_CONCURRENCY: z.coerce.number().int().min(1).max(512).optional(),
  HOST: z.string().default('0.0.0.0'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  RETENTION_DAYS: z.coerce.number().positive().default(90),
  GIT_COMMIT: z.string().optional(),
});

/** All settings, grouped by concern; secrets live in their own object so that nothing else needs to carry them. */
export interface Settings {
  readonly jira: { readonly url: string; readonly email: string; readonly rateShare: number };
  readonly storage: {
    readonly folder: string;
    readonly databaseUrl: string | null;
    readonly redisUrl: string | null;
    readonly retentionDays: number;
  };
  readonly http: { readonly host: string; readonly port: number };
  readonly embeddings:
    | { readonly folder: string }
    | { readonly baseUrl: string | undefined; readonly model: string }
    | null;
  /** Where language models are asked; null: nowhere. */
  readonly endpoints: Readonly<Record<EndpointName, EndpointAccess | null>>;
  /** Where personal data is looked for beyond patterns; null: nowhere. */
  readonly presidio: { readonly url: string; readonly languages: readonly string[] } | null;
  /** Tickets decided at once in a process; null: as many as suits what is asked for them. */
  readonly triageConcurrency: number | null;
  readonly workerQueues: readonly (typeof QUEUES)[number][];
  /** Hosts of absence calendars whose addresses may be private. */
  readonly calendarHosts: readonly string[];
  readonly configFolder: string;
  readonly gitCommit: string | null;
  readonly areWritesOn: boolean;
  readonly logLevel: string;
  readonly secrets: {
    readonly jiraApiToken: string;
    readonly webhook: readonly string[];
    readonly automation: string | null;
    readonly admin: string | null;
    readonly openai: string;
    readonly fallback: string;
  };
}

/** What the environment says of an endpoint; null: as the playbook says. */
export interface EndpointAccess {
  /** Undefined means api.openai.com. */
  readonly baseUrl: string | undefined;
  readonly model: string | null;
  readonly profile: Profile | null;
}

/**
 * Reads settings from an environment; any name may be given as `NAME_FILE`, a path to read the value from. Throws
 * `MisconfiguredError` with every fault, one per line.
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const it = parse(EnvSchema, env);
  return Object.freeze({
    jira: { url: it.JIRA_URL.replace(/\/+$/, ''), email: it.JIRA_EMAIL, rateShare: it.JIRA_RATE_SHARE },
    storage: {
      folder: it.DATA_DIR,
      databaseUrl: it.DATABASE_URL ?? null,
      redisUrl: it.REDIS_URL ?? null,
      retentionDays: it.RETENTION_DAYS,
    },
    http: { host: it.HOST, port: it.PORT },
    embeddings: embeddingsOf(it),
    endpoints: endpointsOf(it),
    presidio: it.PRESIDIO_URL === undefined ? null : { url: it.PRESIDIO_URL, languages: it.PRESIDIO_LANGUAGES },
    triageConcurrency: it.TRIAGE_CONCURRENCY ?? null,
    workerQueues: it.WORKER_QUEUES ?? QUEUES,
    calendarHosts: it.CALENDAR_HOSTS.filter((host) => host !== ''),
    configFolder: it.CONFIG_DIR,
    gitCommit: it.GIT_COMMIT ?? null,
    areWritesOn: it.TRIAGE_WRITES === 'on',
    logLevel: it.LOG_LEVEL,
    secrets: {
      jiraApiToken: it.JIRA_API_TOKEN,
      webhook: it.WEBHOOK_SECRETS,
      automation: it.AUTOMATION_SECRET ?? null,
      admin: it.ADMIN_TOKEN ?? null,
      ...keysOf(it),
    },
  });
}

/** What the environment says of language models, for commands that need no Jira. */
export type EndpointSettings = Pick<Settings, 'endpoints'> & {
  readonly secrets: Pick<Settings['secrets'], 'openai' | 'fallback'>;
};

/** Reads the endpoints alone; throws `MisconfiguredError` like `readSettings`. */
export function readEndpoints(env: Readonly<Record<string, string | undefined>>): EndpointSettings {
  const it = parse(EndpointsSchema, env);
  return { endpoints: endpointsOf(it), secrets: keysOf(it) };
}

type EndpointsEnv = z.infer<typeof EndpointsSchema>;

function endpointsOf(it: EndpointsEnv): Settings['endpoints'] {
  const fallback = { model: it.FALLBACK_MODEL, profile: it.FALLBACK_PROFILE };
  return {
    main: accessOf(it.OPENAI_BASE_URL, it.OPENAI_API_KEY, { model: it.OPENAI_MODEL, profile: it.OPENAI_PROFILE }),
    fallback: accessOf(it.FALLBACK_BASE_URL, it.FALLBACK_API_KEY, fallback),
  };
}

/** Servers of one's own want no key; the client wants one. */
function keysOf({ OPENAI_API_KEY: openai = 'none', FALLBACK_API_KEY: fallback = 'none' }: EndpointsEnv) {
  return { openai, fallback };
}

function embeddingsOf({ EMBEDDINGS_FOLDER: folder, EMBEDDINGS_MODEL: model, ...it }: z.infer<typeof EnvSchema>) {
  if (folder !== undefined && model !== undefined)
    throw new MisconfiguredError(['EMBEDDINGS_FOLDER and EMBEDDINGS_MODEL are both set; keep the one that is meant']);
  if (folder !== undefined) return { folder };
  return model === undefined ? null : { baseUrl: it.OPENAI_BASE_URL, model };
}

/** An endpoint is used when its address or its key is set. */
function accessOf(
  baseUrl: string | undefined,
  key: string | undefined,
  { model, profile }: { readonly model: string | undefined; readonly profile: Profile | undefined },
): EndpointAccess | null {
  if (baseUrl === undefined && key === undefined) return null;
  return { baseUrl, model: model ?? null, profile: profile ?? null };
}

/** The settings of this process, from its environment. */
export function settingsFromProcess(): Settings {
  // biome-ignore lint/style/noProcessEnv: the one reader
  return readSettings(process.env);
}

/** The endpoints of this process, from its environment. */
export function endpointsFromProcess(): EndpointSettings {
  // biome-ignore lint/style/noProcessEnv: the one reader
  return readEndpoints(process.env);
}

/** Reads what a schema names, each also as `NAME_FILE`; throws `MisconfiguredError` with every fault. */
export function parse<Schema extends z.ZodObject>(
  schema: Schema,
  env: Readonly<Record<string, string | undefined>>,
): z.output<Schema> {
  const { filled, faults } = withFiles(withoutEmpty(env), Object.keys(schema.shape));
  const parsed = schema.safeParse(filled);
  if (!parsed.success) faults.push(...parsed.error.issues.map((issue) => describe(issue, filled)));
  if (!parsed.success || faults.length > 0) throw new MisconfiguredError(faults);
  return parsed.data;
}

function describe(issue: z.core.$ZodIssue, env: Readonly<Record<string, string | undefined>>): string {
  const name = String(issue.path[0]);
  return env[name] === undefined ? `${name} is missing (see .env.example)` : `${name}: ${issue.message}`;
}

function withoutEmpty(env: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
}

/** Fills in what `NAME_FILE` points at; a file that cannot be read is a fault among the others. */
function withFiles(env: Readonly<Record<string, string | undefined>>, names: readonly string[]) {
  const filled: Record<string, string | undefined> = { ...env };
  const faults: string[] = [];
  for (const name of names) {
    const path = env[`${name}_FILE`];
    if (env[name] !== undefined || path === undefined) continue;
    try {
      filled[name] = readFileSync(path, 'utf8').trim();
    } catch (cause) {
      faults.push(`${name}_FILE: ${messageOf(cause)}`);
    }
  }
  return { filled, faults };
}
