import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { MisconfiguredError } from '../../../src/domain/errors.ts';
import { readEndpoints, readSettings } from '../../../src/settings/env.ts';
import { serviceEnv, WEBHOOK_SECRET } from '../../support/env.ts';

const folder = mkdtempSync(join(tmpdir(), 'triage-env-'));
afterAll(() => rmSync(folder, { recursive: true }));

const env = serviceEnv('https://acme.atlassian.net/', '.data');

function fileWith(content: string): string {
  const path = join(folder, `secret-${Math.random()}`);
  writeFileSync(path, content);
  return path;
}

function faultsOf(given: Readonly<Record<string, string | undefined>>): readonly string[] {
  try {
    readSettings(given);
    return [];
  } catch (error) {
    if (error instanceof MisconfiguredError) return error.faults;
    throw error;
  }
}

describe('settings', () => {
  test('are grouped, with secrets in a place of their own', () => {
    expect(readSettings({ ...env, TRIAGE_WRITES: 'off' })).toEqual({
      jira: { url: 'https://acme.atlassian.net', email: env['JIRA_EMAIL'], rateShare: 1 },
      storage: {
        folder: '.data',
        databaseUrl: null,
        poolSizes: { rows: 10, jobs: 20 },
        redis: null,
        qdrant: null,
        retentionDays: 90,
      },
      http: { host: '0.0.0.0', port: 8080, opsPort: 8081 },
      embeddings: null,
      endpoints: { main: null, fallback: null },
      presidio: null,
      concurrency: { triage: null, 'write-back': null, feedback: null },
      queueLimit: 100_000,
      stopMs: 25_000,
      workerQueues: ['intake', 'triage', 'write-back', 'undo', 'feedback', 'upkeep'],
      calendarHosts: [],
      configFolder: 'config',
      gitCommit: null,
      areWritesOn: false,
      logLevel: 'info',
      traces: null,
      secrets: {
        jiraApiToken: env['JIRA_API_TOKEN'],
        webhook: [WEBHOOK_SECRET],
        automation: env['AUTOMATION_SECRET'],
        admin: env['ADMIN_TOKEN'],
        openai: 'none',
        fallback: 'none',
        qdrant: null,
      },
    });
  });

  test('name an endpoint for models when its address or its key is set', () => {
    expect(readSettings({ ...env, OPENAI_API_KEY: 'sk' }).endpoints).toEqual({
      main: { baseUrl: undefined, model: null, profile: null },
      fallback: null,
    });
    const { endpoints, secrets } = readEndpoints({
      FALLBACK_BASE_URL: 'http://localhost:11434/v1',
      FALLBACK_MODEL: 'qwen3:8b',
      FALLBACK_PROFILE: 'ollama',
    });
    expect(endpoints.main).toBeNull();
    expect(endpoints.fallback).toEqual({ baseUrl: 'http://localhost:11434/v1', model: 'qwen3:8b', profile: 'ollama' });
    expect(secrets).toEqual({ openai: 'none', fallback: 'none' });
    expect(faultsOf({ ...env, OPENAI_PROFILE: 'gpt' })).toEqual([expect.stringContaining('OPENAI_PROFILE: ')]);
  });

  test('take one kind of embedding model, not two', () => {
    expect(readSettings({ ...env, EMBEDDINGS_FOLDER: '/models/mini' }).embeddings).toEqual({ folder: '/models/mini' });
    expect(faultsOf({ ...env, EMBEDDINGS_FOLDER: '/models/mini', EMBEDDINGS_MODEL: 'm' })).toEqual([
      expect.stringContaining('EMBEDDINGS_FOLDER'),
    ]);
  });

  test('write nothing to Jira unless told to', () => {
    const { TRIAGE_WRITES: _, ...quiet } = env;
    expect(readSettings(quiet).areWritesOn).toBe(false);
    expect(readSettings({ ...env, TRIAGE_WRITES: 'on' }).areWritesOn).toBe(true);
    expect(faultsOf({ ...env, TRIAGE_WRITES: 'yes' })).toEqual([expect.stringContaining('TRIAGE_WRITES: ')]);
  });

  test('name hosts of calendars in a private network by name alone', () => {
    const hosts = (given: string) => readSettings({ ...env, CALENDAR_HOSTS: given }).calendarHosts;
    expect(hosts('Cal.Corp.Example, 10.0.0.7,')).toEqual(['cal.corp.example', '10.0.0.7']);
    expect(faultsOf({ ...env, CALENDAR_HOSTS: 'https://cal.corp.example/team.ics' })).toEqual([
      expect.stringContaining('CALENDAR_HOSTS: '),
    ]);
    expect(faultsOf({ ...env, CALENDAR_HOSTS: 'cal.corp.example:8443' })).toEqual([
      expect.stringContaining('CALENDAR_HOSTS: '),
    ]);
  });

  test('cannot be changed afterwards', () => {
    expect(Object.isFrozen(readSettings(env))).toBe(true);
  });

  test('take several webhook secrets while one is being rotated', () => {
    const [one, other] = ['a'.repeat(32), 'b'.repeat(40)];
    expect(readSettings({ ...env, WEBHOOK_SECRETS: `${one}, ${other}` }).secrets.webhook).toEqual([one, other]);
  });

  test('choose what to run on by URL', () => {
    const urls = { DATABASE_URL: 'postgres://db/triage', REDIS_URL: 'rediss://queue:6379' };
    expect(readSettings({ ...env, ...urls }).storage).toMatchObject({
      databaseUrl: urls.DATABASE_URL,
      redis: { hosts: [{ host: 'queue', port: 6379 }], isEncrypted: true, prefix: 'triage' },
    });
  });

  test('have embeddings only with a model', () => {
    const baseUrl = 'http://model:8000/v1';
    expect(readSettings({ ...env, OPENAI_BASE_URL: baseUrl }).embeddings).toBeNull();
    expect(readSettings({ ...env, OPENAI_BASE_URL: baseUrl, EMBEDDINGS_MODEL: 'm' }).embeddings).toEqual({
      baseUrl,
      model: 'm',
    });
  });

  test('an empty variable counts as not set', () => {
    expect(readSettings({ ...env, ADMIN_TOKEN: '', REDIS_URL: '', PORT: '' })).toMatchObject({
      http: { port: 8080 },
      storage: { redis: null },
      secrets: { admin: null },
    });
  });
});

describe('faults', () => {
  test('are told all at once, each with its name', () => {
    expect(faultsOf({})).toEqual([
      'JIRA_URL is missing (see .env.example)',
      'JIRA_EMAIL is missing (see .env.example)',
      'JIRA_API_TOKEN is missing (see .env.example)',
      'WEBHOOK_SECRETS is missing (see .env.example)',
    ]);
  });

  test.each([
    ['JIRA_URL', 'acme.atlassian.net'],
    ['JIRA_URL', 'ftp://acme.atlassian.net'],
    ['JIRA_EMAIL', 'nobody'],
    ['JIRA_RATE_SHARE', '0'],
    ['JIRA_RATE_SHARE', '1.5'],
    ['JIRA_RATE_SHARE', 'half'],
    ['DATABASE_URL', 'mysql://db'],
    ['DATABASE_POOL_SIZE', '0'],
    ['DATABASE_QUEUE_POOL_SIZE', '7'],
    ['REDIS_URL', 'http://queue'],
    ['PORT', 'eighty'],
    ['PORT', '70000'],
    ['LOG_LEVEL', 'loud'],
    ['RETENTION_DAYS', '0'],
  ])('%s may not be %j', (name, value) => {
    expect(faultsOf({ ...env, [name]: value })).toEqual([expect.stringMatching(new RegExp(`^${name}: .`))]);
  });

  test.each(['WEBHOOK_SECRETS', 'AUTOMATION_SECRET', 'ADMIN_TOKEN'])(
    'a short %s is refused with the way to make one',
    (name) => {
      expect(faultsOf({ ...env, [name]: 'x'.repeat(31) })).toEqual([
        expect.stringMatching(`${name}: .*32 characters.*openssl`),
      ]);
    },
  );

  test('one short secret among several is enough', () => {
    expect(faultsOf({ ...env, WEBHOOK_SECRETS: `${WEBHOOK_SECRET},short` })).toHaveLength(1);
    expect(faultsOf({ ...env, WEBHOOK_SECRETS: `${WEBHOOK_SECRET},` })).toHaveLength(1);
  });

  test('never tell a secret', () => {
    const bad = { WEBHOOK_SECRETS: 'hunter2', ADMIN_TOKEN: 'hunter2', DATABASE_URL: 'mysql://me:hunter2@db' };
    expect(faultsOf({ ...env, ...bad }).join('\n')).not.toContain('hunter2');
  });
});

describe('a value in a file', () => {
  test('is read without the line end that editors leave', () => {
    const { JIRA_API_TOKEN: _, ...without } = env;
    const path = fileWith('token-from-file\n');
    expect(readSettings({ ...without, JIRA_API_TOKEN_FILE: path }).secrets.jiraApiToken).toBe('token-from-file');
  });

  test('yields to the variable, but not to an empty one', () => {
    const JIRA_API_TOKEN_FILE = fileWith('from-file');
    expect(readSettings({ ...env, JIRA_API_TOKEN: 'direct', JIRA_API_TOKEN_FILE }).secrets.jiraApiToken).toBe('direct');
    expect(readSettings({ ...env, JIRA_API_TOKEN: '', JIRA_API_TOKEN_FILE }).secrets.jiraApiToken).toBe('from-file');
  });

  test('is checked like any other', () => {
    const { ADMIN_TOKEN: _, ...without } = env;
    expect(faultsOf({ ...without, ADMIN_TOKEN_FILE: fileWith('short') })).toEqual([
      expect.stringContaining('ADMIN_TOKEN: '),
    ]);
  });

  test('that cannot be read is one fault among the others', () => {
    const { JIRA_EMAIL: _, ADMIN_TOKEN: __, AUTOMATION_SECRET: ___, ...without } = env;
    const faults = faultsOf({ ...without, ADMIN_TOKEN_FILE: '/nowhere/a', AUTOMATION_SECRET_FILE: '/nowhere/b' });
    expect(faults.toSorted()).toEqual([
      expect.stringContaining('ADMIN_TOKEN_FILE: '),
      expect.stringContaining('AUTOMATION_SECRET_FILE: '),
      'JIRA_EMAIL is missing (see .env.example)',
    ]);
  });
});
