import { describe, expect, test } from 'vitest';
import type { EndpointName, Question, Reply } from '../../../../src/domain/decision/question.ts';
import { TransientError } from '../../../../src/domain/errors.ts';
import type { Model } from '../../../../src/domain/ports/model.ts';
import type { PiiFinder } from '../../../../src/privacy/finder.ts';
import { type ConsultPorts, consult } from '../../../../src/triage/ladder/consult.ts';
import { answersFake } from '../../../fakes/answers.ts';
import { memoryFake } from '../../../fakes/memory.ts';
import {
  calibrationWith,
  editableWith,
  evidenceWith,
  issueWith,
  pastTicketWith,
  playbookWith,
  signalsFor,
} from '../../../support/fixtures.ts';
import { promptWith, replyWith } from '../../../support/model.ts';
import { proposalWith } from '../../../support/proposal.ts';

const clock = { now: () => new Date('2026-11-22T08:00:00.000Z') };
const CATEGORY = { category: { kind: 'label', prefix: 'cat-', mode: 'auto' } } as const;

const deciding = (draft: Parameters<typeof playbookWith>[0] = {}) =>
  playbookWith({
    targets: CATEGORY,
    taxonomies: { category: ['vpn', 'erp', 'email'] },
    model: { prompt: 'p.yaml' },
    prompts: { triage: promptWith() },
    ...draft,
  });

/** A model that keeps what it was asked and always says the same. */
function modelSaying(answer: unknown, endpoint: EndpointName = 'main') {
  const asked: Question[] = [];
  const model: Model = {
    endpoint,
    model: 'mini',
    complete: async (question): Promise<Reply> => {
      asked.push(question);
      if (answer instanceof Error) throw answer;
      return replyWith(answer);
    },
  };
  return { model, asked };
}

const portsWith = (parts: Partial<ConsultPorts> = {}): ConsultPorts => ({
  endpoints: [],
  answers: answersFake(),
  memory: memoryFake(),
  embedder: null,
  finder: null,
  clock,
  ...parts,
});

const draftWith = (score = 0.4, parts = {}) => ({
  issue: issueWith({ summary: 'tunnel drops', text: 'Mail me at cy@acme.example', people: ['Cy Customer'] }),
  evidence: [evidenceWith({ id: '7', key: 'IT-7', summary: 'tunnel slow', values: { category: 'vpn' } })],
  proposals: new Map([
    [
      'category',
      proposalWith({
        candidates: [
          { value: 'erp', confidence: 0.5 },
          { value: 'vpn', confidence: 0.3 },
        ],
        proposed: [{ value: 'erp', signals: signalsFor(score, 1) }],
        signalsFor: () => signalsFor(score, 1),
      }),
    ],
  ]),
  ...parts,
});

const VPN = { evidence: ['E1'], rationale: 'Same fault as E1.', category: 'vpn', category_certainty: 'high' };

describe('consulting a model', () => {
  test('puts both opinions before the judge, and says what was asked and what it cost', async () => {
    const { model } = modelSaying(VPN);
    const { proposals, asked, degradedBecause } = await consult(
      draftWith(),
      deciding(),
      portsWith({ endpoints: [model] }),
    );
    const proposal = proposals.get('category');
    expect(proposal?.rung).toBe('model');
    expect(proposal?.proposed.map(({ value }) => value)).toEqual(['vpn', 'erp']);
    expect(proposal?.candidates[0]?.value).toBe('vpn');
    expect(asked).toMatchObject({
      endpoint: 'main',
      model: 'model-2026-08-06',
      prompt: 'prompt-hash',
      tokens: { input: 1_000, output: 50 },
      rationale: 'Same fault as E1.',
      cited: ['IT-7'],
      troubles: [],
    });
    expect(degradedBecause).toBeNull();
  });

  test('shows past tickets with their words and values, and nothing private', async () => {
    const { model, asked } = modelSaying(VPN);
    const memory = memoryFake();
    await memory.put([pastTicketWith({ id: '7', text: 'Ask Ada Lovelace, 10.1.2.3', people: ['Ada Lovelace'] })]);
    await consult(draftWith(), deciding(), portsWith({ endpoints: [model], memory }));
    expect(asked[0]?.user).toMatch(/\[E1\] tunnel slow Ask \[PERSON_1\], \[IP_1\] → category: vpn/);
    expect(asked[0]?.user).toContain('[EMAIL_1]');
    expect(JSON.stringify(asked)).not.toMatch(/acme\.example|Lovelace|10\.1\.2/);
  });

  test('is left out where the local classifier is sure enough', async () => {
    const { model, asked } = modelSaying(VPN);
    const playbook = deciding({
      calibrations: new Map([['category', calibrationWith()]]),
      model: { prompt: 'p.yaml', skipModelAbove: 0.95 },
    });
    const { proposals, asked: stamp } = await consult(draftWith(0.96), playbook, portsWith({ endpoints: [model] }));
    expect([asked.length, stamp, proposals.get('category')?.rung]).toEqual([0, null, 'local']);
    await consult(draftWith(0.94), playbook, portsWith({ endpoints: [model] }));
    expect(asked).toHaveLength(1);
  });

  test.each([
    ['a rule has decided', draftWith(0.4, { proposals: new Map([['category', proposalWith({ rung: 'rule' })]]) })],
    ['a person has decided', draftWith(0.4, { issue: issueWith({ labels: ['cat-email'] }) })],
  ])('is left out where %s', async (_name, draft) => {
    const { model, asked } = modelSaying(VPN);
    await consult(draft, deciding(), portsWith({ endpoints: [model] }));
    expect(asked).toHaveLength(0);
  });

  test('is left out where the local classifier is after a value that no model decides', async () => {
    const { model, asked } = modelSaying(VPN);
    const targets = { category: { ...CATEGORY.category, classes: { erp: { protect: true } } } };
    await consult(draftWith(), deciding({ targets }), portsWith({ endpoints: [model] }));
    expect(asked).toHaveLength(0);
  });

  test('goes to the second endpoint when the first fails, and says so', async () => {
    const [main, fallback] = [modelSaying(new TransientError('answered 503')), modelSaying(VPN, 'fallback')];
    const { asked, degradedBecause } = await consult(
      draftWith(),
      deciding(),
      portsWith({ endpoints: [main.model, fallback.model] }),
    );
    expect([asked?.endpoint, degradedBecause]).toEqual(['fallback', 'main: answered 503']);
  });

  test('leaves the local proposals as they are when nobody answers, and says why', async () => {
    const draft = draftWith();
    const { model } = modelSaying(new TransientError('no answer within 20 s'));
    const { proposals, asked, degradedBecause } = await consult(draft, deciding(), portsWith({ endpoints: [model] }));
    expect([proposals, asked?.endpoint, degradedBecause]).toEqual([
      draft.proposals,
      null,
      'main: no answer within 20 s',
    ]);
  });

  test('does not happen without a model, a prompt or an endpoint', async () => {
    const draft = draftWith();
    const { model, asked } = modelSaying(VPN);
    const silent = { proposals: draft.proposals, asked: null, degradedBecause: null };
    expect(await consult(draft, deciding(), portsWith())).toEqual(silent);
    expect(await consult(draft, playbookWith({ targets: CATEGORY }), portsWith({ endpoints: [model] }))).toEqual(
      silent,
    );
    expect(asked).toHaveLength(0);
  });

  test('shows no ticket with a security level, neither the new one nor past ones, unless the playbook allows it', async () => {
    const { model, asked } = modelSaying(VPN);
    const secret = draftWith(0.4, { issue: issueWith({ securityLevel: 'Staff' }) });
    const { degradedBecause } = await consult(secret, deciding(), portsWith({ endpoints: [model] }));
    expect([asked.length, degradedBecause]).toEqual([0, 'tickets with a security level are not shown to a model']);
    const evidence = [evidenceWith({ summary: 'secret dismissal', isRestricted: true, values: { category: 'erp' } })];
    await consult(draftWith(0.4, { evidence }), deciding(), portsWith({ endpoints: [model] }));
    expect(asked[0]?.user).not.toContain('dismissal');
    await consult(secret, deciding({ privacy: { sendRestricted: true } }), portsWith({ endpoints: [model] }));
    expect(asked).toHaveLength(2);
  });

  test('does not happen when private data cannot be looked for', async () => {
    const { model, asked } = modelSaying(VPN);
    const finder: PiiFinder = {
      find: async () => {
        throw new TransientError('Presidio cannot be reached');
      },
    };
    const { degradedBecause } = await consult(draftWith(), deciding(), portsWith({ endpoints: [model], finder }));
    expect([asked.length, degradedBecause]).toEqual([0, 'Presidio cannot be reached']);
  });

  test('teaches by tickets where people corrected us', async () => {
    const { model, asked } = modelSaying(VPN);
    const memory = memoryFake();
    const values = { category: { value: 'vpn', by: 'human', insteadOf: 'erp' } } as const;
    await memory.put([pastTicketWith({ id: '9', summary: 'token expired', values })]);
    const triage = promptWith({ few_shot: { from: 'corrections', sameProject: true, limit: 3 } });
    await consult(draftWith(), deciding({ prompts: { triage } }), portsWith({ endpoints: [model], memory }));
    expect(asked[0]?.user).toContain('* token expired → category: vpn');
  });

  test('offers no value that Jira does not allow right now', async () => {
    const { model, asked } = modelSaying(VPN);
    const targets = { component: { kind: 'component', mode: 'auto' } } as const;
    const issue = issueWith({ editable: editableWith({ components: ['Mail', 'VPN'] }) });
    const proposals = new Map([['component', proposalWith({ candidates: [{ value: 'Retired', confidence: 0.9 }] })]]);
    await consult(
      { issue, evidence: [], proposals },
      deciding({ targets, taxonomies: {} }),
      portsWith({ endpoints: [model] }),
    );
    expect(asked[0]?.answer).toContainEqual({
      name: 'component',
      kind: 'choice',
      values: ['Mail', 'VPN', 'none_of_these'],
    });
  });
});

describe('the strategy of evidence', () => {
  const more = evidenceWith({ id: '8', key: 'IT-8', summary: 'laptop slow', values: { category: 'erp' } });
  const rerankPrompt = promptWith({
    user: 'Order: {% data %}{% for past in evidence %}[{{ past.ref }}] {{ past.summary }}\n{% endfor %}{% enddata %}',
  });

  test('shows past tickets in the order the model puts them in, when it is asked to', async () => {
    const { model, asked } = modelSaying({ ...VPN, order: ['E2'] });
    const draft = draftWith(0.4, { evidence: [...draftWith().evidence, more] });
    const prompts = { triage: promptWith(), rerank: rerankPrompt };
    const { asked: stamp } = await consult(draft, deciding({ prompts }), portsWith({ endpoints: [model] }));
    expect(asked[1]?.user).toMatch(/\[E1\] laptop slow[\s\S]*\[E2\] tunnel slow/);
    expect(stamp?.tokens.input).toBe(2_000);
  });

  test('looks once more by what the model would expect to find', async () => {
    const { model, asked } = modelSaying({ ...VPN, ticket: 'printer jam' });
    const memory = memoryFake();
    await memory.put([
      pastTicketWith({
        id: '5',
        summary: 'printer jam',
        text: '',
        values: { category: { value: 'erp', by: 'human' } },
      }),
    ]);
    const embedder = {
      model: 'm',
      embed: async (texts: readonly string[]) => texts.map(() => ({ model: 'm', vector: [1] })),
    };
    const hyde = promptWith({ user: 'Imagine {% data %}{{ issue.text }}{% enddata %}' });
    await consult(
      draftWith(),
      deciding({ prompts: { triage: promptWith(), hyde } }),
      portsWith({ endpoints: [model], memory, embedder }),
    );
    expect(asked[1]?.user).toMatch(/\[E2\] printer jam/);
  });
});
