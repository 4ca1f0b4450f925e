import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { MisconfiguredError, messageOf } from '../domain/errors.ts';

const Secret = z.string().min(32, 'needs at least 32 characters; make one with: openssl rand -hex 32');
const OptionalUrl = z.url({ protocol: /^https?$/ }).optional();

const EnvSchema = z.object({
  JIRA_URL: z.url({ protocol: /^https?$/, error: 'must be your site, for example https://acme.atlassian.net' }),
  JIRA_EMAIL: z.email('must be the e-mail of the account the service acts as'),
  JIRA_API_TOKEN: z.string().min(1, 'is missing; create one at id.atlassian.com → Security → API tokens'),
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
  OPENAI_BASE_URL: OptionalUrl,
  OPENAI_API_KEY: z.string().optional(),
  EMBEDDINGS_MODEL: z.string().optional(),
  HOST: z.string().default('0.0.0.0'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  RETENTION_DAYS: z.coerce.number().positive().default(90),
  GIT_COMMIT: z.string().optional(),
});

/** All settings, grouped by concern; secrets live in their own object so that nothing else needs to carry them. */
export interface Settings {
  readonly jira: { readonly url: string; readonly email: string };
  readonly storage: {
    readonly folder: string;
    readonly databaseUrl: string | null;
    readonly redisUrl: string | null;
    readonly retentionDays: number;
  };
  readonly http: { readonly host: string; readonly port: number };
  readonly embeddings: { readonly baseUrl: string | undefined; readonly model: string } | null;
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
  };
}

/**
 * Reads settings from an environment; any name may be given as `NAME_FILE`, a path to read the value from. Throws
 * `MisconfiguredError` with every fault, one per line.
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const { filled, faults } = withFiles(withoutEmpty(env));
  const parsed = EnvSchema.safeParse(filled);
  if (!parsed.success) faults.push(...parsed.error.issues.map((issue) => describe(issue, filled)));
  if (!parsed.success || faults.length > 0) throw new MisconfiguredError(faults);
  const it = parsed.data;
  return Object.freeze({
    jira: { url: it.JIRA_URL.replace(/\/+$/, ''), email: it.JIRA_EMAIL },
    storage: {
      folder: it.DATA_DIR,
      databaseUrl: it.DATABASE_URL ?? null,
      redisUrl: it.REDIS_URL ?? null,
      retentionDays: it.RETENTION_DAYS,
    },
    http: { host: it.HOST, port: it.PORT },
    embeddings: it.EMBEDDINGS_MODEL ? { baseUrl: it.OPENAI_BASE_URL, model: it.EMBEDDINGS_MODEL } : null,
    configFolder: it.CONFIG_DIR,
    gitCommit: it.GIT_COMMIT ?? null,
    areWritesOn: it.TRIAGE_WRITES === 'on',
    logLevel: it.LOG_LEVEL,
    secrets: {
      jiraApiToken: it.JIRA_API_TOKEN,
      webhook: it.WEBHOOK_SECRETS,
      automation: it.AUTOMATION_SECRET ?? null,
      admin: it.ADMIN_TOKEN ?? null,
      openai: it.OPENAI_API_KEY ?? 'none',
    },
  });
}

/** The settings of this process, from its environment. */
export function settingsFromProcess(): Settings {
  // biome-ignore lint/style/noProcessEnv: the one reader
  return readSettings(process.env);
}

function describe(issue: z.core.$ZodIssue, env: Readonly<Record<string, string | undefined>>): string {
  const name = String(issue.path[0]);
  return env[name] === undefined ? `${name} is missing (see .env.example)` : `${name}: ${issue.message}`;
}

function withoutEmpty(env: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
}

/** Fills in what `NAME_FILE` points at; a file that cannot be read is a fault among the others. */
function withFiles(env: Readonly<Record<string, string | undefined>>) {
  const filled: Record<string, string | undefined> = { ...env };
  const faults: string[] = [];
  for (const name of Object.keys(EnvSchema.shape)) {
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
