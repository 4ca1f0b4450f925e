import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Edition, openPlaybook } from '../../../../src/compose/playbook/edition.ts';
import { openReload } from '../../../../src/compose/playbook/reload.ts';
import { MisconfiguredError } from '../../../../src/domain/errors.ts';
import { readEndpoints } from '../../../../src/settings/env.ts';
import { createMetrics } from '../../../../src/telemetry/metrics.ts';

const root = mkdtempSync(join(tmpdir(), 'triage-reload-'));
afterAll(() => rmSync(root, { recursive: true }));

const PLAYBOOK = 'projects: [IT]\ntargets:\n  category: { kind: label, prefix: cat- }\n';
const MODEL = 'model:\n  prompt: prompt.yaml\n';
const PROMPT = "system: Sort.\nuser: '{% data %}{{ issue.text }}{% enddata %}'\n";

interface Options {
  readonly env?: Readonly<Record<string, string>>;
  readonly check?: (edition: Edition) => Promise<readonly string[]>;
}

/** A reload on a folder of its own, looked at by hand, with a clock that stands still. */
async function openDesk({ env = {}, check = async () => [] }: Options = {}) {
  const folder = mkdtempSync(join(root, 'config-'));
  const write = (name: string, content: string) => writeFileSync(join(folder, name), content);
  write('playbook.yaml', PLAYBOOK);
  write('prompt.yaml', PROMPT);
  const time = { now: Date.parse('2026-05-01T00:00:00Z') };
  const said: { level: string; facts: unknown; message: string }[] = [];
  const tell = (level: string) => (facts: unknown, message?: string) =>
    void said.push({ level, facts, message: message ?? '' });
  const metrics = createMetrics();
  const endpoints = readEndpoints(env);
  const rulebook = await openPlaybook(
    { configFolder: folder, gitCommit: null, ...endpoints, secrets: { ...NO_SECRETS, ...endpoints.secrets } },
    metrics,
  );
  const reload = openReload({
    rulebook,
    check,
    rereadBeside: () => {},
    lagging: () => [],
    clock: { now: () => new Date(time.now) },
    log: { info: tell('info'), warn: tell('warn'), error: tell('error') },
    metrics,
  });
  /** Two looks: the second finds it at rest. */
  const settle = async () => {
    await reload.look();
    await reload.look();
  };
  const metric = async (name: string) =>
    (await metrics.registry.metrics()).match(new RegExp(`^${name}.*$`, 'gm')) ?? [];
  return { folder, write, time, said, rulebook, reload, settle, metric };
}

const NO_SECRETS = { jiraApiToken: '', webhook: [], automation: null, admin: null };

describe('a changed playbook', () => {
  test('is taken whole once it came to rest', async () => {
    const { write, rulebook, reload, said, metric } = await openDesk();
    const before = rulebook.current().playbook;
    write('playbook.yaml', PLAYBOOK.replace('[IT]', '[IT, HR]'));
    await reload.look();
    expect(rulebook.current().playbook).toBe(before);
    await reload.look();
    const after = rulebook.current().playbook;
    expect(after.projects).toEqual(['IT', 'HR']);
    expect(after.revision).not.toBe(before.revision);
    expect(before.projects).toEqual(['IT']);
    expect(said).toMatchObject([{ level: 'info', facts: { revision: after.revision, uncalibrated: [] } }]);
    expect(await metric('triage_playbook_info{')).toEqual([`triage_playbook_info{revision="${after.revision}"} 1`]);
    expect(await metric('triage_playbook_reloads_total')).toEqual([
      'triage_playbook_reloads_total{result="taken"} 1',
      'triage_playbook_reloads_total{result="refused"} 0',
    ]);
  });

  test('whose content is the same changes nothing', async () => {
    const { write, rulebook, settle, said } = await openDesk();
    const before = rulebook.current();
    write('playbook.yaml', PLAYBOOK);
    await settle();
    expect(rulebook.current()).toBe(before);
    expect(said).toEqual([]);
  });

  test('is looked at without a change when somebody asks', async () => {
    const looked: string[] = [];
    const { reload } = await openDesk({
      check: async ({ playbook }) => {
        looked.push(playbook.revision);
        return [];
      },
    });
    await reload.look();
    expect(looked).toHaveLength(0);
    await reload.look(true);
    expect(looked).toHaveLength(1);
  });

  test('says what a live look found and what holds only after a restart', async () => {
    const { write, settle, said } = await openDesk({ check: async () => ['Ada is not active'] });
    write('playbook.yaml', `${PLAYBOOK}privacy: { redaction: strict }\n`);
    await settle();
    expect(said.filter(({ level }) => level === 'warn')).toMatchObject([{ facts: { why: 'Ada is not active' } }]);
  });
});

describe('a playbook with faults', () => {
  const broken = PLAYBOOK.replace('[IT]', '[it]').replace('label', 'lable');

  test('leaves the last good one, is told once with every fault, and shows until it is mended', async () => {
    const { write, rulebook, reload, settle, said, metric } = await openDesk();
    const good = rulebook.current();
    write('playbook.yaml', broken);
    await settle();
    await settle();
    expect(rulebook.current()).toBe(good);
    const faults = [
      expect.stringMatching(/^playbook\.yaml:1 projects\.0: /),
      expect.stringMatching(/^playbook\.yaml:3 targets\.category\.kind: /),
    ];
    expect(said).toMatchObject([{ level: 'error', facts: { faults, revision: good.playbook.revision } }]);
    expect(reload.trouble()).toEqual(faults);
    expect(await metric('triage_playbook_faults')).toEqual(['triage_playbook_faults 2']);
    expect(await metric('triage_playbook_reloads_total')).toEqual([
      'triage_playbook_reloads_total{result="taken"} 0',
      'triage_playbook_reloads_total{result="refused"} 1',
    ]);
    write('playbook.yaml', PLAYBOOK);
    await settle();
    expect(reload.trouble()).toEqual([]);
    expect(rulebook.current().playbook.revision).toBe(good.playbook.revision);
    expect(await metric('triage_playbook_faults')).toEqual(['triage_playbook_faults 0']);
  });

  test('that gets another fault is told again', async () => {
    const { write, settle, said, reload } = await openDesk();
    write('playbook.yaml', broken);
    await settle();
    write('playbook.yaml', 'projects: [');
    await settle();
    expect(said.map(({ level }) => level)).toEqual(['error', 'error']);
    expect(reload.trouble().join()).toMatch(/playbook\.yaml:\d+ /);
  });

  test('that is gone for a moment, or for good, leaves the last good one', async () => {
    const { folder, rulebook, settle, reload } = await openDesk();
    rmSync(join(folder, 'playbook.yaml'));
    await settle();
    expect(reload.trouble()).toEqual([expect.stringMatching(/^playbook\.yaml: cannot be read/)]);
    expect(rulebook.current().playbook.projects).toEqual(['IT']);
    rmSync(folder, { recursive: true });
    await settle();
    expect(rulebook.current().playbook.projects).toEqual(['IT']);
  });

  test('that only a live look shows is tried again after some minutes, without being told again', async () => {
    const state = { isKnown: false };
    const { write, time, rulebook, settle, said, reload } = await openDesk({
      check: async ({ tell }) => {
        if (state.isKnown) return [];
        throw new MisconfiguredError([tell({ file: 'playbook.yaml', path: ['projects'], why: 'unknown' })]);
      },
    });
    write('playbook.yaml', PLAYBOOK.replace('[IT]', '[IT, HR]'));
    await settle();
    expect(reload.trouble()).toEqual(['playbook.yaml:1 projects: unknown']);
    time.now += 5 * 60_000;
    await reload.look();
    expect(said.map(({ level }) => level)).toEqual(['error']);
    state.isKnown = true;
    await reload.look();
    expect(rulebook.current().playbook.projects).toEqual(['IT']);
    time.now += 5 * 60_000;
    await reload.look();
    expect(reload.trouble()).toEqual([]);
    expect(rulebook.current().playbook.projects).toEqual(['IT', 'HR']);
  });

  test('is a fault too when checking it breaks down', async () => {
    const { write, reload, settle, rulebook } = await openDesk({ check: () => Promise.reject(new Error('a bug')) });
    write('playbook.yaml', PLAYBOOK.replace('[IT]', '[HR]'));
    await settle();
    expect(reload.trouble()).toEqual(['a bug']);
    expect(rulebook.current().playbook.projects).toEqual(['IT']);
  });
});

test('a look while another is at it does nothing, and the change is not lost', async () => {
  const gate = Promise.withResolvers<readonly string[]>();
  let checks = 0;
  const { write, reload, rulebook } = await openDesk({
    check: () => {
      checks += 1;
      return gate.promise;
    },
  });
  write('playbook.yaml', PLAYBOOK.replace('[IT]', '[HR]'));
  await reload.look();
  const first = reload.look();
  await Promise.all([reload.look(), reload.look(true)]);
  gate.resolve([]);
  await first;
  expect(checks).toBe(1);
  expect(rulebook.current().playbook.projects).toEqual(['HR']);
});

describe('endpoints', () => {
  const env = { OPENAI_BASE_URL: 'http://127.0.0.1:9', OPENAI_MODEL: 'small' };

  test('come and go with the playbook', async () => {
    const { write, rulebook, settle } = await openDesk({ env });
    expect(rulebook.current().endpoints).toEqual([]);
    write('playbook.yaml', PLAYBOOK + MODEL);
    await settle();
    expect(rulebook.current().endpoints).toMatchObject([{ endpoint: 'main', model: 'small' }]);
    write('playbook.yaml', PLAYBOOK);
    await settle();
    expect(rulebook.current().endpoints).toEqual([]);
  });

  test('stay what they are when something else changes, with what they know of their server', async () => {
    const { folder, write, rulebook, settle } = await openDesk({ env });
    write('playbook.yaml', PLAYBOOK + MODEL);
    await settle();
    const [before] = rulebook.current().endpoints;
    write('prompt.yaml', PROMPT.replace('Sort', 'Sort this'));
    await settle();
    expect(rulebook.current().playbook.prompts.triage?.system).toBe('Sort this.');
    expect(rulebook.current().endpoints[0]).toBe(before);
    const text = readFileSync(join(folder, 'playbook.yaml'), 'utf8');
    write('playbook.yaml', `${text}  endpoints: { main: { concurrency: 3 } }\n`);
    await settle();
    expect(rulebook.current().endpoints[0]).not.toBe(before);
  });

  test('without a model keep the last good playbook', async () => {
    const { write, rulebook, settle, reload } = await openDesk({ env: { OPENAI_BASE_URL: 'http://127.0.0.1:9' } });
    write('playbook.yaml', PLAYBOOK + MODEL);
    await settle();
    expect(reload.trouble()).toEqual([expect.stringContaining('which model is asked')]);
    expect(rulebook.current().playbook.model).toBeUndefined();
  });
});
