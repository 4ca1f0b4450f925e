import { readFile } from 'node:fs/promises';
import { expect, it, vi } from 'vitest';
import type { Trouble } from '../../fakes/model/gate/troubles/troubles.ts';
import { startModelServer } from '../../fakes/model/server.ts';
import { letPeopleEdit } from '../desk/people.ts';
import { writePlaybook } from '../desk/playbook.ts';
import { type FaultDesk, openDesk } from '../desk.ts';
import { scaled } from '../seed.ts';
import { decisionsOn } from './decisions.ts';

const TICKETS = scaled(500);
const TROUBLES: readonly Trouble[] = [
  'reset',
  'hang',
  { status: 500 },
  'cut-json',
  'not-json',
  'outside-enum',
  'empty',
];
const PER_TROUBLE = Math.floor(TICKETS / (TROUBLES.length + 2));

it.concurrent.each(['embedded', 'redis'] as const)(
  'the model is down, hangs, and babbles: rules decide, stamped degraded, and nobody waits long on %s',
  async (stack) => {
    await using model = await startModelServer();
    const env = { OPENAI_BASE_URL: model.url, OPENAI_API_KEY: 'k' };
    await using desk = await openDesk({ scenario: '08 model', stack, env });
    await writePlaybook(desk.folder, { model: MODEL }, { 'prompts/triage.yaml': await prompt() });
    letPeopleEdit(desk, desk.dice);
    await desk.startAll();
    expect(await degradedShare(desk, PER_TROUBLE)).toBe(0);
    let slowestMs = 0;
    for (const trouble of TROUBLES) {
      model.always(trouble);
      const startedAt = performance.now();
      expect(await degradedShare(desk, PER_TROUBLE), JSON.stringify(trouble)).toBe(1);
      slowestMs = Math.max(slowestMs, performance.now() - startedAt);
    }
    model.always(null);
    await vi.waitFor(async () => expect(new Set(await stamped(desk, 3))).toEqual(new Set([false])), PATIENCE);
    expect(await degradedShare(desk, PER_TROUBLE)).toBe(0);
    await desk.pronounce(TROUBLES.length, `${PER_TROUBLE} tickets took ${Math.round(slowestMs)} ms at most`);
  },
);

const MODEL = {
  prompt: 'prompts/triage.yaml',
  skipModelAbove: 1,
  endpoints: { main: { concurrency: 32, retries: 0, breaker: { faults: 5, seconds: 1 } } },
};

/** The shipped one, with less patience. */
async function prompt(): Promise<string> {
  const shipped = await readFile(new URL('../../../config/prompts/triage.yaml', import.meta.url), 'utf8');
  return shipped.replace(/timeout: \d+/, 'timeout: 5');
}

const PATIENCE = { timeout: 30_000, interval: 500 };

/** Sends so many tickets; which share of the decisions that a model was wanted for is stamped. */
async function degradedShare(desk: FaultDesk, count: number): Promise<number> {
  const asked = await stamped(desk, count);
  expect(asked.length).toBeGreaterThan(count / 3);
  return asked.filter(Boolean).length / asked.length;
}

/** Whether each decision that a model was wanted for is stamped; rules decide all of a printer's, and people what they set. */
async function stamped(desk: FaultDesk, count: number): Promise<readonly boolean[]> {
  const tickets = await desk.send(count);
  await desk.settle(60_000);
  const decisions = await decisionsOn(desk, tickets);
  return decisions.filter(({ asked }) => asked !== null).map(({ degraded }) => degraded);
}
