import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CalibrationSchema } from '../../src/domain/playbook/calibration.ts';
import { triageCommand } from '../support/command.ts';
import { deskTickets } from '../support/desk.ts';
import { type TestStage, testStage } from '../support/stage.ts';

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
const triageProcess = (args: readonly string[]) => promisify(execFile)(process.execPath, [CLI, ...args]);

let stage: TestStage;

beforeAll(async () => {
  stage = await testStage();
}, 60_000);
afterAll(() => stage[Symbol.asyncDispose]());

describe('the command line, on memory', () => {
  test('learns again and says so', async () => {
    expect(await triageCommand(['learn'], stage.env)).toMatch(
      /local classifier [0-9a-f]{16} trained on 330 tickets in [\d.]+ s: category, priority, component/,
    );
  });

  test('calibrates into reviewed files that check then names', async () => {
    const config = stage.env['CONFIG_DIR'] ?? '';
    expect(await triageCommand(['check', '--config', config])).toContain('category (auto): by rules alone');
    const printed = await triageCommand(['calibrate'], stage.env);
    expect(printed).toMatch(/category +165 +\d+ % +100 %/);
    const file = CalibrationSchema.parse(JSON.parse(await readFile(join(config, 'calibration/category.json'), 'utf8')));
    expect(file).toMatchObject({ target: 'category', rung: 'local', data: { tickets: 165 } });
    expect(await triageCommand(['check', '--config', config])).toContain('by a calibration on 165 tickets');
    await expect(triageCommand(['calibrate', '--target', 'catgory'], stage.env)).rejects.toMatchObject({
      stderr: expect.stringContaining('--target catgory is not in the playbook; it has: category,'),
    });
  });

  test('evaluates each target that past tickets decide', async () => {
    const html = join(stage.folder, 'memory.html');
    const printed = await triageCommand(['evaluate', '--quick', '--target', 'category', '--html', html], stage.env);
    expect(printed).toContain('memory · category');
    expect(await readFile(html, 'utf8')).toContain('<!doctype html>');
  });

  test('is not asked what only a file of tickets can answer', async () => {
    const args = ['evaluate', '--seed', '42', '--text', 'a', '--split', 'official'];
    await expect(triageCommand(args, stage.env)).rejects.toMatchObject({
      stderr: expect.stringContaining('--text, --seed, --split official only goes with --tickets FILE'),
    });
  });

  test('a second process is refused while the service holds the folder', async () => {
    await using running = await stage.start();
    expect((await running.admin.status()).classifier).toMatchObject({ tickets: 330 });
    await expect(triageCommand(['calibrate'], stage.env)).rejects.toMatchObject({
      stderr: expect.stringMatching(/is in use by process \d+/),
    });
  });
});

describe('the command line, on a file of tickets', () => {
  const file = () => join(stage.folder, 'tickets.jsonl');
  const evaluate = (...more: readonly string[]) =>
    triageCommand([
      'evaluate',
      '--tickets',
      file(),
      '--target',
      'category',
      '--html',
      join(stage.folder, 'e.html'),
      ...more,
    ]);

  beforeAll(async () => {
    const { history, fresh } = deskTickets();
    const lines = [...history, ...fresh].map(({ summary, description, category, reporter }, index) =>
      JSON.stringify({ id: `T-${index}`, title: summary, body: description, category, who: reporter }),
    );
    await writeFile(file(), lines.join('\n'));
  });

  test('prints the documented figures as JSON, the same for the same seed', async () => {
    const first = JSON.parse(await evaluate('--json', '--quick'));
    expect(first).toMatchObject({
      set: 'tickets',
      target: 'category',
      split: { order: 'file', history: 273, calibration: 39, test: 78 },
      methods: [{ name: 'majority' }, { name: 'bm25-knn' }, { name: 'linear' }, { name: 'triage' }],
    });
    const again = JSON.parse(await evaluate('--json', '--quick'));
    const figures = ({ accuracy, macroF1, top3, ece }: Record<string, unknown>) => ({ accuracy, macroF1, top3, ece });
    expect(again.methods.map(figures)).toEqual(first.methods.map(figures));
    expect(again.selective).toEqual(first.selective);
  });

  test('is thorough when nobody is in a hurry: learning curve and worth of features', async () => {
    const args = ['--json', '--features', 'reporter=who', '--split', '60/20/20'];
    const { stdout, stderr } = await triageProcess(['evaluate', '--tickets', file(), '--target', 'category', ...args]);
    expect(stderr).toContain('learning curve and worth of features …');
    const result = JSON.parse(stdout);
    expect(result.learningCurve.map(({ tickets }: { tickets: number }) => tickets)).toEqual([100, 234]);
    expect(result.features).toMatchObject([{ without: 'reporter' }]);
  });

  test('compares two playbooks on the same tickets, and fails when the second is worse', async () => {
    const config = stage.env['CONFIG_DIR'] ?? '';
    const printed = await evaluate('--compare', config, config);
    expect(printed).toMatch(/\+0 +-0 +1/);
    expect(printed).toContain('rules, routing and the committed calibrations are not compared');
    expect(JSON.parse(await evaluate('--json', '--compare', config, config))).toMatchObject([
      { target: 'category', guesses: { gained: 0, lost: 0 }, isWorse: false },
    ]);
    await expect(evaluate('--compare', config, '/nowhere')).rejects.toMatchObject({
      stderr: expect.stringContaining('/nowhere is neither a folder with a playbook.yaml nor a git ref'),
    });
  });

  test('orders by the date of creation where there is one, and tells what it left out', async () => {
    const path = join(stage.folder, 'dated.jsonl');
    const lines = (await readFile(file(), 'utf8')).split('\n').map((line, index) => {
      const created = index === 7 ? 'soon' : new Date(Date.UTC(2026, 0, 1 + index)).toISOString();
      return JSON.stringify({ ...JSON.parse(line), created });
    });
    await writeFile(path, lines.join('\n'));
    const args = ['evaluate', '--tickets', path, '--target', 'category', '--quick', '--json'];
    const { stdout, stderr } = await triageProcess(args);
    expect(JSON.parse(stdout)).toMatchObject({ split: { order: 'created' } });
    expect(stderr).toContain('1 of 390 tickets left out: 0 without a value, 1 without a readable date');
    expect(stderr).not.toContain('learning curve');
  });

  test('ends quietly when nobody reads on', async () => {
    const args = ['evaluate', '--tickets', file(), '--target', 'category', '--quick', '--json'];
    const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    expect(stderr).not.toContain('EPIPE');
    expect(code).toBe(0);
  });

  test('says what is wrong with a question it cannot answer', async () => {
    const fails = (args: readonly string[]) =>
      triageCommand(['evaluate', ...args]).then(String, ({ stderr }) => stderr);
    expect(await fails(['--tickets', file()])).toContain('--tickets needs --target FIELD');
    expect(await fails(['--tickets', file(), '--target', 'nope'])).toContain(
      'no ticket has a field "nope"; there are: id',
    );
    expect(await fails(['--tickets', '/nowhere.jsonl', '--target', 'x'])).toContain('/nowhere.jsonl cannot be read');
    expect(await fails(['--tickets', file(), '--target', 'id', '--quick'])).toContain('two values that occur twice');
    expect(await fails(['--split', '70/20/20'])).toContain('three percents that make 100');
    expect(await fails(['--text', 'a,b,c'])).toContain('one or two fields');
    expect(await fails(['--seed', '-1'])).toContain('a whole number, 0 or more');
    expect(await fails(['--min-class', '1.5'])).toContain('a whole number, 1 or more');
    const byCategory = ['--tickets', file(), '--target', 'category'];
    expect(await fails([...byCategory, '--min-class', '9999'])).toContain('--min-class 9999 leaves nothing');
    expect(await fails([...byCategory, '--split', 'official'])).toContain('--split official needs a field "split"');
    expect(await fails(['--features', 'shoe=size'])).toContain('"shoe" must be one of reporter,');
  });
});
