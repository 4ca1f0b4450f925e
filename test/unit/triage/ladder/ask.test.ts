import { describe, expect, test } from 'vitest';
import type { EndpointName, Reply } from '../../../../src/domain/decision/question.ts';
import { PermanentError, TransientError } from '../../../../src/domain/errors.ts';
import type { Model } from '../../../../src/domain/ports/model.ts';
import { tokensIn } from '../../../../src/prompt/tokens.ts';
import { ask } from '../../../../src/triage/ladder/ask.ts';
import { answersFake } from '../../../fakes/answers.ts';
import { playbookWith } from '../../../support/fixtures.ts';
import { questionWith, replyWith } from '../../../support/model.ts';

const clock = { now: () => new Date('2026-11-22T23:59:00.000Z') };
const priced = { price: { input: 2, output: 10 } };
const playbookFor = (budget = {}) =>
  playbookWith({ model: { prompt: 'p.yaml', endpoints: { main: priced, fallback: {} }, budget } });

type Act = () => Promise<Reply>;
const says =
  (value: string): Act =>
  async () =>
    replyWith({ category: value });
const fails =
  (why: string): Act =>
  async () => {
    throw new TransientError(why);
  };

/** A model that does these things in turn, then the last one again. */
function modelThat(...acts: readonly Act[]) {
  let calls = 0;
  const modelAt = (endpoint: EndpointName): Model => ({
    endpoint,
    model: 'mini',
    complete: () => (acts[Math.min(calls++, acts.length - 1)] ?? says('vpn'))(),
  });
  return { at: modelAt, calls: () => calls };
}

const asking = (question = questionWith()) => ({
  question,
  project: 'IT',
  read: ({ end, text }: { readonly end: string; readonly text: string }) =>
    end === 'whole' && text.includes('vpn') ? text : null,
});

describe('asking', () => {
  test('takes the first endpoint that answers, and says what it cost', async () => {
    const main = modelThat(says('vpn'));
    const { heard, bill } = await ask(asking(), playbookFor(), {
      endpoints: [main.at('main')],
      answers: answersFake(),
      clock,
    });
    expect(heard).toMatchObject({ endpoint: 'main', model: 'model-2026-08-06', isCached: false });
    expect(bill).toEqual({ tokens: { input: 1_000, output: 50 }, money: expect.closeTo(0.0025, 9), troubles: [] });
  });

  test.each(['whole', 'cut', 'refused', 'empty'] as const)(
    'counts %s answers itself where a server tells no usage',
    async (end) => {
      const answers = answersFake();
      const untold = replyWith({ category: 'vpn' }, { end, tokens: { input: 0, output: 0 } });
      const main = modelThat(async () => untold);
      const question = questionWith();
      const ports = { endpoints: [main.at('main')], answers, clock };
      const { bill } = await ask(asking(question), playbookFor(), ports);
      const used = { input: tokensIn(question.system) + tokensIn(question.user), output: tokensIn(untold.text) };
      expect(used.input).toBeGreaterThan(0);
      expect(bill.tokens).toEqual(used);
      expect(bill.money).toBeCloseTo((used.input * 2 + used.output * 10) / 1_000_000, 12);
    },
  );

  test.each(['filtered', 'too-long'] as const)('charges nothing for %s, which was turned away', async (end) => {
    const main = modelThat(async () => replyWith('', { end, tokens: { input: 0, output: 0 } }));
    const ports = { endpoints: [main.at('main')], answers: answersFake(), clock };
    expect((await ask(asking(), playbookFor(), ports)).bill).toMatchObject({
      tokens: { input: 0, output: 0 },
      money: 0,
    });
  });

  test('asks the second endpoint when the first gives nothing, and says why', async () => {
    const [main, fallback] = [modelThat(fails('answered 503')), modelThat(says('vpn'))];
    const { heard, bill } = await ask(asking(), playbookFor(), {
      endpoints: [main.at('main'), fallback.at('fallback')],
      answers: answersFake(),
      clock,
    });
    expect([heard?.endpoint, bill.troubles]).toEqual(['fallback', [{ endpoint: 'main', why: 'answered 503' }]]);
  });

  test.each([
    ['an answer that was not offered', says('payroll'), 'not one of those offered'],
    ['a refusal', async () => replyWith('', { end: 'refused' }), 'refused'],
    ['an answer cut short', async () => replyWith('', { end: 'cut' }), 'cut off'],
    ['a filtered answer', async () => replyWith('', { end: 'filtered' }), 'filtered'],
    ['a question too long', async () => replyWith('', { end: 'too-long' }), 'too long'],
    ['nothing', async () => replyWith('', { end: 'empty' }), 'empty'],
  ] as const)('goes on after %s, and pays for it', async (_name, act, why) => {
    const main = modelThat(act);
    const { heard, bill } = await ask(asking(), playbookFor(), {
      endpoints: [main.at('main')],
      answers: answersFake(),
      clock,
    });
    expect(heard).toBeNull();
    expect(bill.troubles[0]?.why).toContain(why);
    expect(bill.tokens.input).toBe(1_000);
  });

  test('costs nothing the second time, for the exact same request alone', async () => {
    const main = modelThat(says('vpn'));
    const ports = { endpoints: [main.at('main')], answers: answersFake(), clock };
    await ask(asking(), playbookFor(), ports);
    const again = await ask(asking(), playbookFor(), ports);
    expect([main.calls(), again.heard?.isCached, again.bill.money, again.bill.tokens.input]).toEqual([1, true, 0, 0]);
    await ask(asking(questionWith({ user: 'Another ticket' })), playbookFor(), ports);
    expect(main.calls()).toBe(2);
  });

  test('keeps no reply that holds no answer', async () => {
    const main = modelThat(async () => replyWith('', { end: 'refused' }), says('vpn'));
    const ports = { endpoints: [main.at('main')], answers: answersFake(), clock };
    await ask(asking(), playbookFor(), ports);
    expect((await ask(asking(), playbookFor(), ports)).heard).not.toBeNull();
  });

  test('asks nobody once the budget is spent, and gives back what a question did not use', async () => {
    const main = modelThat(says('vpn'));
    const answers = answersFake();
    const playbook = playbookFor({ perDay: { tokens: 1_500 } });
    const ports = { endpoints: [main.at('main')], answers, clock };
    await ask(asking(), playbook, ports);
    expect(await answers.spent('2026-11-22')).toContainEqual({
      project: null,
      tokens: 1_050,
      money: expect.closeTo(0.0025, 9),
    });
    await ask(asking(questionWith({ user: 'b' })), playbook, ports);
    const { heard, bill } = await ask(asking(questionWith({ user: 'c' })), playbook, ports);
    expect([heard, bill.troubles[0]?.why]).toEqual([null, 'the budget for today is spent']);
    expect(main.calls()).toBe(2);
  });

  test('gives back everything when no reply came', async () => {
    const answers = answersFake();
    const main = modelThat(fails('cannot be reached'));
    await ask(asking(), playbookFor(), { endpoints: [main.at('main')], answers, clock });
    expect(await answers.spent('2026-11-22')).toContainEqual({ project: 'IT', tokens: 0, money: 0 });
  });

  test('does not hide what is no outage', async () => {
    const main = modelThat(async () => {
      throw new PermanentError('a bug');
    });
    const ports = { endpoints: [main.at('main')], answers: answersFake(), clock };
    await expect(ask(asking(), playbookFor(), ports)).rejects.toThrow('a bug');
  });
});
