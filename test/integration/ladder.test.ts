import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openaiModel } from '../../src/adapters/openai/model.ts';
import type { Decision } from '../../src/domain/decision/decision.ts';
import type { EndpointName } from '../../src/domain/decision/question.ts';
import { PlaybookFileSchema } from '../../src/domain/playbook/playbook.ts';
import { decide } from '../../src/triage/decide.ts';
import { answersFake } from '../fakes/answers.ts';
import { memoryFake } from '../fakes/memory.ts';
import type { Trouble } from '../fakes/model/gate/troubles/troubles.ts';
import { type ModelServer, startModelServer } from '../fakes/model/server.ts';
import { editableWith, issueWith, pastTicketWith, playbookWith } from '../support/fixtures.ts';
import { promptWith } from '../support/model.ts';
import { routingPorts } from '../support/routing.ts';

const TIMEOUT_S = 0.6;
const ALLOWED = ['Mail', 'VPN', 'Printing'];

/** Every fault that an endpoint can have, and what the decision says of it. */
const faults: readonly (readonly [name: string, Trouble, RegExp])[] = [
  ['429 with Retry-After', { status: 429, retryAfterSeconds: 30 }, /429/],
  ['429 without', { status: 429 }, /429|within/],
  ['500', { status: 500 }, /500|within/],
  ['502 with HTML', 'bad-gateway', /502|within/],
  ['a hang', 'hang', /within 0\.6 s/],
  ['a drip', 'drip', /within 0\.6 s/],
  ['cut JSON', 'cut-json', /cut off/],
  ['a cut body', 'cut-body', /reached|read|within/],
  ['a refusal', 'refuse', /refused/],
  ['a value outside the enum', 'outside-enum', /not one of those offered/],
  ['empty choices', 'no-choices', /empty/],
  ['a context-length error', 'too-long', /too long/],
  ['a content filter', 'content-filter', /filtered/],
  ['a reset connection', 'reset', /reached|within/],
  ['something that is no JSON', 'not-json', /chat completion|within/],
  ['a wrong key', 'unauthorized', /401/],
  ['a model that is not there', 'no-model', /404/],
];

describe('the ladder over real endpoints', () => {
  let main: ModelServer;
  let fallback: ModelServer;

  beforeAll(async () => {
    [main, fallback] = await Promise.all([startModelServer(), startModelServer()]);
  });
  afterAll(() => Promise.all([main[Symbol.asyncDispose](), fallback[Symbol.asyncDispose]()]));

  const endpoint = (name: EndpointName, server: ModelServer) => {
    const { model } = PlaybookFileSchema.parse({ projects: ['IT'], targets: {}, model: { prompt: 'p.yaml' } });
    if (!model) throw new Error('no model');
    return openaiModel({
      endpoint: name,
      baseUrl: server.url,
      apiKey: 'k',
      model: 'mini',
      settings: model.endpoints[name],
    });
  };

  /** One ticket about a tunnel, decided with fresh endpoints; everything is written, however unsure. */
  async function decided({ hasFallback = false } = {}): Promise<{ readonly decision: Decision; readonly ms: number }> {
    const memory = memoryFake();
    await memory.put(
      ['1', '2', '3'].map((id) =>
        pastTicketWith({ id, summary: 'tunnel drops', values: { component: { value: 'VPN', by: 'human' } } }),
      ),
    );
    const prompt = promptWith();
    const playbook = playbookWith({
      targets: { component: { kind: 'component', mode: 'auto', targetPrecision: 0 } },
      model: { prompt: 'p.yaml', skipModelAbove: 1 },
      prompts: { triage: { ...prompt, generation: { ...prompt.generation, timeout: TIMEOUT_S } } },
    });
    const issue = issueWith({ summary: 'tunnel drops again', editable: editableWith({ components: ALLOWED }) });
    const startedAt = performance.now();
    const decision = await decide(issue, playbook, {
      embedder: null,
      finder: null,
      localModel: () => null,
      ...routingPorts({ memory }),
      answers: answersFake(),
      endpoints: [endpoint('main', main), ...(hasFallback ? [endpoint('fallback', fallback)] : [])],
      delivery: { deliveryId: issue.id, attempt: 1, round: 0, overridesHumans: false },
    });
    return { decision, ms: performance.now() - startedAt };
  }

  test('asks the first endpoint when all is well', async () => {
    const { decision } = await decided();
    expect(decision).toMatchObject({
      degraded: false,
      degradedBecause: null,
      asked: { endpoint: 'main', troubles: [] },
    });
    expect(decision.verdicts['component']).toMatchObject({ kind: 'value', value: 'VPN', rung: 'model' });
    expect(decision.asked?.model).toContain('mini');
    expect(decision.asked?.tokens.input).toBeGreaterThan(50);
  });

  test('takes an answer with an extra field for what was asked', async () => {
    main.trouble('extra-field');
    const { decision } = await decided();
    expect(decision).toMatchObject({ degraded: false, asked: { endpoint: 'main' } });
    expect(Object.keys(decision.verdicts)).toEqual(['component']);
  });

  test.each(faults)(
    '%s leads to the second endpoint, within the time-out, and is told',
    async (_name, trouble, why) => {
      main.always(trouble);
      const { decision, ms } = await decided({ hasFallback: true });
      main.always(null);
      expect(decision).toMatchObject({ degraded: true, asked: { endpoint: 'fallback' } });
      expect(decision.degradedBecause).toMatch(why);
      expect(decision.verdicts['component']).toMatchObject({ kind: 'value', value: 'VPN', rung: 'model' });
      expect(ms).toBeLessThan(TIMEOUT_S * 1000 + 1_000);
    },
  );

  test.each(faults)('%s everywhere leaves what past tickets say, and is told', async (_name, trouble, why) => {
    main.always(trouble);
    fallback.always(trouble);
    const { decision, ms } = await decided({ hasFallback: true });
    main.always(null);
    fallback.always(null);
    expect(decision).toMatchObject({ degraded: true, asked: { endpoint: null } });
    expect(decision.degradedBecause).toMatch(/^main: .*; fallback: /);
    expect(decision.degradedBecause).toMatch(why);
    expect(decision.verdicts['component']).toMatchObject({ kind: 'value', value: 'VPN', rung: 'neighbours' });
    expect(ALLOWED).toContain('VPN');
    expect(ms).toBeLessThan(2 * TIMEOUT_S * 1000 + 1_000);
  });
});
