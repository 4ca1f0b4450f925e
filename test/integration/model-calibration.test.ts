import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { freshModelCalibrations, openEndpoints } from '../../src/compose/endpoints.ts';
import { readEndpoints } from '../../src/settings/env.ts';
import { loadPlaybook } from '../../src/settings/playbook-store.ts';
import { type ModelServer, startModelServer } from '../fakes/model/server.ts';
import { childEnv } from '../support/child-env.ts';
import { type TestStage, testStage } from '../support/stage.ts';

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
const SHIPPED = fileURLToPath(new URL('../../config', import.meta.url));

/** A desk whose past tickets are in memory, for the shipped `config/` with all its promises. */
let stage: TestStage;
let server: ModelServer;
/** A folder of each test's own: its config and its file of answers. */
let folder: string;

beforeAll(async () => {
  stage = await testStage();
}, 60_000);
afterAll(() => stage[Symbol.asyncDispose]());
beforeEach(async () => {
  server = await startModelServer();
  folder = await mkdtemp(join(tmpdir(), 'jira-triage-model-'));
  await cp(SHIPPED, join(folder, 'config'), { recursive: true });
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const answersFile = () => join(folder, 'answers.jsonl');
const booked = () =>
  existsSync(answersFile())
    ? readFileSync(answersFile(), 'utf8')
        .split('\n')
        .filter((line) => line !== '').length
    : 0;
const endpoint = () => ({ OPENAI_BASE_URL: server.url, OPENAI_API_KEY: 'a-key' });

function processOf(args: readonly string[], more: Readonly<Record<string, string>> = endpoint()) {
  const env = { ...childEnv(), ...stage.env, CONFIG_DIR: join(folder, 'config'), ...more };
  return { args: [CLI, ...args], options: { env, maxBuffer: 64 * 1024 * 1024 } };
}

function triage(args: readonly string[], more?: Readonly<Record<string, string>>) {
  const it = processOf(args, more);
  return promisify(execFile)(process.execPath, it.args, it.options);
}

const calibrate = (...more: readonly string[]) =>
  triage(['calibrate', '--rung', 'model', '--answers', answersFile(), ...more]);

const failing = (run: Promise<unknown>) => run.then(String, ({ stdout, stderr, code }) => ({ stdout, stderr, code }));

describe('triage calibrate --rung model', () => {
  test('tells what it would cost, and asks nothing when nobody is there to agree', async () => {
    const refused = await failing(calibrate());
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('run it in a terminal, or with --yes') });
    expect(refused).toMatchObject({
      stdout: expect.stringMatching(
        /^165 tickets to ask the model about, 0 of them already answered.*\nleft: 165 questions of [\d,]+ tokens on average, [\d,]+ tokens in and at most 49,500 out: at most 0\.\d\d USD\n$/,
      ),
    });
    expect(server.requests).toHaveLength(0);
  });

  test('measures each target into files that the service accepts; a second time costs nothing', async () => {
    const { stdout } = await calibrate('--yes');
    expect(stdout).toMatch(/^category +147 +\d+ \(\d+ %\) .* calibration\/category\.main\.json$/m);
    expect(stdout).toMatch(
      /^category: on these 147 tickets asking the model gains \d+ and loses \d+ \(p = [\d.]+\): /m,
    );
    expect(stdout).toMatch(/^✔ 165 requests, [\d,]+ tokens in, [\d,]+ out, 0\.\d+ USD/m);
    expect(stdout).toContain('! category: the local classifier has no calibration in force');
    const playbook = loadPlaybook(join(folder, 'config'), null);
    const fresh = async (more: Readonly<Record<string, string>> = {}) =>
      freshModelCalibrations(playbook, await openEndpoints(readEndpoints({ ...endpoint(), ...more }), playbook), null);
    expect((await fresh()).get('category.main')).toMatchObject({
      target: 'category',
      rung: 'main',
      data: { tickets: 147 },
    });
    expect((await fresh({ OPENAI_MODEL: 'another-model' })).size).toBe(0);

    const again = await calibrate();
    expect(again.stdout).toContain(`✔ 0 requests, everything from ${answersFile()}`);
    expect(server.requests).toHaveLength(165);
    const tables = [stdout, again.stdout].map((text) => text.slice(text.indexOf('TARGET')));
    expect(tables[1]).toBe(tables[0]);
  });

  test('asks only about what the local classifier leaves open, of that the newest tickets', async () => {
    const path = join(folder, 'config/playbook.yaml');
    const playbook = (await readFile(path, 'utf8'))
      .replace('skipModelAbove: 0.97', 'skipModelAbove: 0.6')
      .replace(/targetPrecision: [\d.]+/g, 'targetPrecision: 0');
    await writeFile(path, playbook);
    const { stdout } = await calibrate('--yes', '--sample', '30', '--target', 'component');
    expect(stdout).toContain('30 tickets to ask the model about');
    expect(stdout).toMatch(/^component +30 /m);
    const asked = readFileSync(answersFile(), 'utf8').trim().split('\n');
    expect(asked.filter((line) => JSON.parse(line).question.user.includes('\npriority'))).toHaveLength(0);
    expect(existsSync(join(folder, 'config/calibration/category.main.json'))).toBe(false);
  });

  test('goes on where it was stopped', async () => {
    await using slow = await startModelServer({ delayMs: 25 });
    const it = processOf(['calibrate', '--rung', 'model', '--yes', '--concurrency', '2', '--answers', answersFile()], {
      OPENAI_BASE_URL: slow.url,
    });
    const child = spawn(process.execPath, it.args, { env: it.options.env, stdio: 'ignore' });
    await vi.waitFor(() => expect(booked()).toBeGreaterThan(10), { timeout: 30_000, interval: 20 });
    child.kill('SIGKILL');
    await once(child, 'exit');
    const known = readFileSync(answersFile(), 'utf8').split('\n').length - 1;
    expect(known).toBeLessThan(165);
    expect(slow.inFlight.max).toBeLessThanOrEqual(2);
    const { stdout } = await calibrate('--yes');
    expect(stdout).toContain(`165 tickets to ask the model about, ${known} of them already answered`);
    expect(server.requests).toHaveLength(165 - known);
    expect(booked()).toBe(165);
  });

  test('measures the second endpoint by itself, and counts what it does not answer', async () => {
    await using other = await startModelServer({ profile: 'vllm' });
    other.always('content-filter', { share: 0.2 });
    const env = { FALLBACK_BASE_URL: other.url, FALLBACK_MODEL: 'small', FALLBACK_PROFILE: 'vllm' };
    const args = ['calibrate', '--rung', 'model', '--endpoint', 'fallback', '--yes', '--answers', answersFile()];
    const { stdout } = await triage(args, { ...endpoint(), ...env });
    const [, filtered = '0'] = /^! left out, for they got no answer: (\d+)× the endpoint filtered/m.exec(stdout) ?? [];
    expect(Number(filtered)).toBeGreaterThan(10);
    expect(stdout).toMatch(new RegExp(`^priority +${165 - Number(filtered)} .*priority\\.fallback\\.json$`, 'm'));
    expect(stdout).toContain('price unknown');
    expect(booked()).toBe(165 - Number(filtered));
    expect([other.requests.length, server.requests.length]).toEqual([165, 0]);
  });

  test('says what is missing where nobody can be asked', async () => {
    expect(await failing(triage(['calibrate', '--rung', 'model'], {}))).toMatchObject({
      stderr: expect.stringContaining('set OPENAI_API_KEY, or OPENAI_BASE_URL'),
    });
    const path = join(folder, 'config/playbook.yaml');
    await writeFile(path, (await readFile(path, 'utf8')).replace(/^model:[\s\S]*/m, ''));
    expect(await failing(calibrate())).toMatchObject({
      stderr: expect.stringContaining('the playbook names no model'),
    });
  });
});

describe('triage evaluate --rung, on memory', () => {
  test('asks one question per ticket for all targets together', async () => {
    const html = join(folder, 'e.html');
    const args = ['evaluate', '--rung', 'ladder', '--quick', '--yes', '--answers', answersFile(), '--html', html];
    const { stdout } = await triage(args);
    expect(stdout.match(/^What asking the model adds/gm)).toHaveLength(3);
    expect(server.requests.length).toBe(booked());
    expect(stdout.match(/^✔ 0 requests, everything from/gm)).toHaveLength(2);
    expect(await readFile(html, 'utf8')).toContain('What asking the model adds');
  });
});
