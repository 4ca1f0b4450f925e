import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Playbook } from '../../../src/domain/playbook/playbook.ts';
import type { Issue } from '../../../src/domain/ticket/issue.ts';
import type { LocalModel } from '../../../src/learning/linear/model.ts';
import { SIGNALS } from '../../../src/learning/signals.ts';
import { classify, type Found, type Proposal, vectorOf } from '../../../src/triage/classify.ts';
import {
  ALL_TARGETS,
  editableWith,
  evidenceWith,
  issueWith,
  type PlaybookDraft,
  playbookWith,
} from '../../support/fixtures.ts';
import { lesson, modelOf } from '../../support/learnt.ts';

const evidence = [
  evidenceWith({ values: { category: 'access', component: 'Login' } }),
  evidenceWith({ values: { category: 'access' } }),
  evidenceWith({ values: { category: 'email' } }),
];
const found: Found = { ruled: new Map<string, string>(), evidence, model: null, vector: null };

/** A proposal without its function. */
const saying = ({ signalsFor: _, ...proposal }: Proposal) => proposal;

describe('classifying before anything was learnt', () => {
  test('proposes for each target that past tickets decide, and for no other', () => {
    const proposals = classify(issueWith(), playbookWith(), found);
    expect([...proposals.keys()]).toEqual(['category', 'priority', 'component']);
    expect(proposals.get('category')).toMatchObject({
      rung: 'neighbours',
      candidates: [
        { value: 'access', confidence: 2 / 3 },
        { value: 'email', confidence: 1 / 3 },
      ],
      proposed: [],
      hasAllowedValue: true,
    });
    expect(proposals.get('priority')).toMatchObject({ candidates: [], proposed: [], hasAllowedValue: true });
  });

  test('a target that is off is not even looked at, not by a rule either', () => {
    const playbook = playbookWith({ targets: { category: { ...ALL_TARGETS.category, mode: 'off' } } });
    expect(classify(issueWith(), playbook, { ...found, ruled: new Map([['category', 'access']]) }).size).toBe(0);
  });

  test('a rule wins over every neighbour', () => {
    const proposals = classify(issueWith(), playbookWith(), { ...found, ruled: new Map([['category', 'security']]) });
    expect(proposals.get('category')).toMatchObject({
      rung: 'rule',
      candidates: [{ value: 'security', confidence: 1 }],
      proposed: [],
      hasAllowedValue: true,
    });
  });

  test('a rule may decide what routing would', () => {
    const proposals = classify(issueWith(), playbookWith(), { ...found, ruled: new Map([['team', 'Desk']]) });
    expect(proposals.get('team')).toMatchObject({ rung: 'rule', candidates: [{ value: 'Desk', confidence: 1 }] });
  });

  test('a rule’s value that Jira does not allow is no candidate', () => {
    const issue = issueWith({ editable: editableWith({ components: ['Mail'] }) });
    const proposals = classify(issue, playbookWith(), { ...found, ruled: new Map([['component', 'Login']]) });
    expect(proposals.get('component')).toMatchObject({ rung: 'rule', candidates: [], hasAllowedValue: false });
  });

  test('only values of the taxonomy are voted for', () => {
    const playbook = playbookWith({ taxonomies: { category: ['email', 'erp'] } });
    expect(classify(issueWith(), playbook, found).get('category')?.candidates).toEqual([
      { value: 'email', confidence: 1 },
    ]);
  });

  test('only values that Jira allows now are voted for', () => {
    const issue = issueWith({ editable: editableWith({ components: ['Mail'] }) });
    expect(classify(issue, playbookWith(), found).get('component')).toMatchObject({
      candidates: [],
      hasAllowedValue: true,
    });
  });

  test('where taxonomy and Jira have nothing in common, nothing is allowed', () => {
    const issue = issueWith({ editable: editableWith({ components: ['Mail'] }) });
    const playbook = playbookWith({ taxonomies: { component: ['Login'] } });
    expect(classify(issue, playbook, found).get('component')).toMatchObject({ hasAllowedValue: false });
  });

  test('several labels of one neighbour are voted for one by one', () => {
    const targets = { category: { ...ALL_TARGETS.category, multiple: true } };
    const neighbours = [evidenceWith({ values: { category: 'access vpn' } })];
    const proposals = classify(issueWith(), playbookWith({ targets }), { ...found, evidence: neighbours });
    expect(proposals.get('category')?.candidates.map(({ value }) => value)).toEqual(['access', 'vpn']);
  });
});

const times = <Item>(count: number, item: Item) => Array.from({ length: count }, () => item);

const model = modelOf([
  ...times(6, lesson('printer jam on the second floor', ['printing'])),
  ...times(6, lesson('password refused at sign in', ['access'])),
  ...times(4, lesson('vpn password refused on the road', ['access', 'vpn'])),
  ...times(2, lesson('outlook shows no mail', ['email'])),
]);

const aboutPrinter = { summary: 'printer jam', text: '' };

interface Learnt extends Partial<Found> {
  readonly model?: LocalModel;
  readonly context?: Readonly<Record<string, string>>;
}

function learntFor(issue: Issue, playbook: Playbook, { context = {}, ...parts }: Learnt = {}): Found {
  const learnt = parts.model ?? model;
  return { ...found, ...parts, model: learnt, vector: vectorOf(issue, playbook, { model: learnt, context }) };
}

function proposalFor(about: Partial<Issue>, draft: PlaybookDraft = {}, parts: Learnt = {}) {
  const [issue, playbook] = [issueWith(about), playbookWith(draft)];
  const proposals = classify(issue, playbook, learntFor(issue, playbook, { evidence: [], ...parts }));
  const proposal = proposals.get('category');
  if (!proposal) throw new Error('no proposal');
  return proposal;
}

describe('classifying with what was learnt', () => {
  test('proposes the best value of all with its signals, and the others as candidates', () => {
    const proposal = proposalFor(aboutPrinter);
    expect(proposal).toMatchObject({ rung: 'local', hasAllowedValue: true });
    expect(proposal.proposed).toEqual([{ value: 'printing', signals: SIGNALS.map(() => expect.any(Number)) }]);
    expect(proposal.candidates.map(({ value }) => value).toSorted()).toEqual(['access', 'email', 'printing', 'vpn']);
    expect(proposal.candidates[0]?.value).toBe('printing');
    expect(proposal.candidates.reduce((sum, { confidence }) => sum + confidence, 0)).toBeCloseTo(1, 6);
  });

  test('the neighbours and their likeness are part of the signals', () => {
    const signalOf = (name: (typeof SIGNALS)[number], neighbours: Found['evidence']) =>
      proposalFor(aboutPrinter, {}, { evidence: neighbours }).proposed[0]?.signals[SIGNALS.indexOf(name)];
    const alike = [
      evidenceWith({ likeness: 0.7, values: { category: 'printing' } }),
      evidenceWith({ likeness: 0.2, similarity: 0.5, values: { category: 'access' } }),
    ];
    expect([signalOf('likeness', []), signalOf('likeness', alike)]).toEqual([0, 0.7]);
    expect([signalOf('voteShare', []), signalOf('voteShare', alike)]).toEqual([0, 0.8]);
    expect([signalOf('isNeighboursChoice', []), signalOf('isNeighboursChoice', alike)]).toEqual([0, 1]);
    expect(signalOf('frequency', [])).toBeCloseTo(Math.log(6 / 22), 3);
  });

  test('what the history never heard of is told from what it has heard', () => {
    const known = (summary: string) =>
      proposalFor({ summary, text: '' }).proposed[0]?.signals[SIGNALS.indexOf('known')] ?? Number.NaN;
    expect(known('printer jam on the second floor')).toBe(1);
    expect(known('xylophone quartz')).toBeLessThan(0.3);
    expect(known('🖨️')).toBe(0);
  });

  test('a value that is not allowed is neither proposed nor a candidate', () => {
    const proposal = proposalFor(aboutPrinter, { taxonomies: { category: ['access', 'email', 'erp'] } });
    expect(proposal.candidates.map(({ value }) => value).toSorted()).toEqual(['access', 'email']);
    expect(['access', 'email']).toContain(proposal.proposed[0]?.value);
  });

  test('where nothing learnt is allowed, nothing is proposed', () => {
    expect(proposalFor(aboutPrinter, { taxonomies: { category: ['erp'] } })).toMatchObject({
      rung: 'local',
      candidates: [],
      proposed: [],
      hasAllowedValue: true,
    });
  });

  test('a value too young to be learnt takes part by its neighbours', () => {
    const neighbours = times(3, evidenceWith({ values: { category: 'erp' } }));
    const proposal = proposalFor({ summary: 'SAP posting period', text: '' }, {}, { evidence: neighbours });
    expect(proposal.proposed[0]?.value).toBe('erp');
    expect(proposalFor(aboutPrinter, { taxonomies: { category: ['erp'] } }, { evidence: neighbours })).toMatchObject({
      candidates: [{ value: 'erp', confidence: 1 }],
    });
  });

  test('a family with several labels gets a proposal for each that is worth a thought', () => {
    const targets = { category: { ...ALL_TARGETS.category, multiple: true } };
    const issue = { summary: 'vpn password refused on the road', text: '' };
    const proposed = proposalFor(issue, { targets }).proposed.map(({ value }) => value);
    expect(proposed.slice(0, 2).toSorted()).toEqual(['access', 'vpn']);
    expect(proposed).not.toContain('email');
  });

  test('a target the classifier never learnt is left to the neighbours', () => {
    const proposals = classify(issueWith(), playbookWith(), learntFor(issueWith(), playbookWith()));
    expect(proposals.get('component')).toMatchObject({ rung: 'neighbours', candidates: [{ value: 'Login' }] });
  });

  test('a rule wins over what was learnt', () => {
    expect(proposalFor(aboutPrinter, {}, { ruled: new Map([['category', 'security']]) })).toMatchObject({
      rung: 'rule',
      candidates: [{ value: 'security' }],
    });
  });

  test('the same ticket gets the same proposal, to the last digit', () => {
    expect(saying(proposalFor(aboutPrinter))).toEqual(saying(proposalFor(aboutPrinter)));
  });

  test('any text at all gets signals that are finite numbers', () => {
    const pieces = 'printer|jam | vpn|ß|Ä|打印机|プリ|🖨️|\u200b|\ud83d|\u0000|\n|_|7|\u0301'.split('|');
    const text = fc.string({ unit: fc.constantFrom(...pieces), maxLength: 30 });
    fc.assert(
      fc.property(text, text, (summary, text) => {
        for (const { signals } of proposalFor({ summary, text }).proposed)
          expect(signals.filter((signal) => !Number.isFinite(signal))).toEqual([]);
      }),
    );
  });
});

describe('features beyond text', () => {
  const sample = (reporter: string) => ({ title: 'it does not work', body: '', context: { reporter } });
  const learnt = modelOf(
    [
      ...times(5, lesson('', ['printing'], { sample: sample('clara') })),
      ...times(5, lesson('', ['access'], { sample: sample('kim') })),
    ],
    { features: ['reporter'] },
  );
  const from = (accountId: string, draft: PlaybookDraft) =>
    proposalFor({ summary: 'it does not work', text: '' }, draft, { model: learnt, context: { reporter: accountId } });

  test('tell alike tickets apart where the playbook asks for them', () => {
    const draft = { classify: { features: ['reporter'] } };
    expect(from('clara', draft).proposed[0]?.value).toBe('printing');
    expect(from('kim', draft).proposed[0]?.value).toBe('access');
  });

  test('are not looked at where it does not', () => {
    const draft = { classify: { features: [] } };
    expect(saying(from('clara', draft))).toEqual(saying(from('kim', draft)));
  });
});
