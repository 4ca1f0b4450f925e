import { z } from 'zod';
import type { EndpointName } from '../domain/decision/question.ts';
import { MisconfiguredError } from '../domain/errors.ts';
import { DatabaseSchema, type PoolSizes, poolSizesOf } from './env/database.ts';
import { type EndpointAccess, EndpointsSchema, endpointsOf, keysOf, OptionalUrl } from './env/endpoints.ts';
import { parse, Secret } from './env/parse.ts';
import { ProcessSchema, type ProcessSettings, processOf } from './env/process.ts';
import { type QdrantAccess, QdrantSchema, qdrantOf } from './env/qdrant.ts';
import { type RedisAccess, RedisSchema, redisOf } from './env/redis.ts';
import { TelemetrySchema, type TelemetrySettings, telemetryOf } from './env/telemetry.ts';

const EnvSchema = z.object({
  ...EndpointsSchema.shape,
  ...DatabaseSchema.shape,
  ...RedisSchema.shape,
  ...QdrantSchema.shape,
  ...ProcessSchema.shape,
  ...TelemetrySchema.shape,
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
  RETENTION_DAYS: z.coerce.number().positive().default(90),
  GIT_COMMIT: z.string().optional(),
});

/** All settings, grouped by concern; secrets live in their own object so that nothing else needs to carry them. */
export interface Settings extends ProcessSettings, TelemetrySettings {
  readonly jira: { readonly url: string; readonly email: string; readonly rateShare: number };
  readonly storage: {
    readonly folder: string;
    readonly databaseUrl: string | null;
    readonly poolSizes: PoolSizes;
    readonly redis: RedisAccess | null;
    readonly qdrant: QdrantAccess | null;
    readonly retentionDays: number;
  };
  readonly embeddings:
    | { readonly folder: string }
    | { readonly baseUrl: string | undefined; readonly model: string }
    | null;
  /** Where language models are asked; null: nowhere. */
  readonly endpoints: Readonly<Record<EndpointName, EndpointAccess | null>>;
  /** Where personal data is looked for beyond patterns; null: nowhere. */
  readonly presidio: { readonly url: string; readonly languages: readonly string[] } | null;
  /** Hosts of absence calendars whose addresses may be private. */
  readonly calendarHosts: readonly string[];
  readonly configFolder: string;
  readonly gitCommit: string | null;
  readonly areWritesOn: boolean;
  readonly secrets: {
    readonly jiraApiToken: string;
    readonly webhook: readonly string[];
    readonly automation: string | null;
    readonly admin: string | null;
    readonly openai: string;
    readonly fallback: string;
    readonly qdrant: string | null;
  };
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
      poolSizes: poolSizesOf(it),
      redis: redisOf(it),
      qdrant: qdrantOf(it),
      retentionDays: it.RETENTION_DAYS,
    },
    embeddings: embeddingsOf(it),
    endpoints: endpointsOf(it),
    presidio: it.PRESIDIO_URL === undefined ? null : { url: it.PRESIDIO_URL, languages: it.PRESIDIO_LANGUAGES },
    ...processOf(it),
    ...telemetryOf(it),
    calendarHosts: it.CALENDAR_HOSTS.filter((host) => host !== ''),
    configFolder: it.CONFIG_DIR,
    gitCommit: it.GIT_COMMIT ?? null,
    areWritesOn: it.TRIAGE_WRITES === 'on',
    secrets: {
      jiraApiToken: it.JIRA_API_TOKEN,
      webhook: it.WEBHOOK_SECRETS,
      automation: it.AUTOMATION_SECRET ?? null,
      admin: it.ADMIN_TOKEN ?? null,
      ...keysOf(it),
      qdrant: it.QDRANT_API_KEY ?? null,
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

function embeddingsOf({ EMBEDDINGS_FOLDER: folder, EMBEDDINGS_MODEL: model, ...it }: z.infer<typeof EnvSchema>) {
  if (folder !== undefined && model !== undefined)
    throw new MisconfiguredError(['EMBEDDINGS_FOLDER and EMBEDDINGS_MODEL are both set; keep the one that is meant']);
  if (folder !== undefined) return { folder };
  return model === undefined ? null : { baseUrl: it.OPENAI_BASE_URL, model };
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
