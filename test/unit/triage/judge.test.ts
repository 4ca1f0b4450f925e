import { describe, expect, test } from 'vitest';
import { type Calibration, PRECISIONS } from '../../../src/domain/playbook/calibration.ts';
import type { Playbook } from '../../../src/domain/playbook/playbook.ts';
import type { Issue } from '../../../src/domain/ticket/issue.ts';
import type { Proposal, Proposed } from '../../../src/triage/classify.ts';
import { familyShare, judge, parentOf } from '../../../src/triage/judge.ts';
import { calibrationWith, issueWith, type PlaybookDraft, playbookWith, signalsFor } from '../../support/fixtures.ts';

type LabelDraft = Extract<NonNullable<PlaybookDraft['targets']>[string], { kind: 'label' }>;

/** A playbook that decides one label family; without a calibration nothing was measured yet. */
function deciding(target: Partial<LabelDraft> = {}, calibration: Calibration | null = calibrationWith()): Playbook {
  return playbookWith({
    targets: { category: { kind: 'label', prefix: 'cat-', ...target } },
    calibrations: calibration ? new Map([['category', calibration]]) : new Map(),
  });
}

const shares = (...confidences: readonly number[]) =>
  confidences.map((confidence, index) => ({ value: `v${index}`, confidence }));

const guess = (value: string, score: number, known = 1): Proposed => ({ value, signals: signalsFor(score, known) });

const proposalWith = (parts: Partial<Proposal>): Proposal => ({
  rung: 'local',
  candidates: shares(0.6, 0.3, 0.1),
  proposed: [guess('v0', 0.91)],
  hasAllowedValue: true,
  signalsFor: null,
  model: null,
  ...parts,
});

const verdictOn = (parts: Partial<Proposal> = {}, playbook = deciding(), issue: Issue = issueWith()) =>
  judge(new Map([['category', proposalWith(parts)]]), issue, playbook).get('category');

describe('judging what was learnt', () => {
  test('says yes from the cut-off on that the promised precision demands', () => {
    expect(verdictOn({ proposed: [guess('v0', 0.91)] })).toEqual({
      kind: 'value',
      value: 'v0',
      confidence: expect.closeTo(0.91, 6),
      cutOff: expect.closeTo(0.9, 6),
      rung: 'local',
      runnersUp: [
        { value: 'v1', confidence: expect.closeTo(0.0675, 6) },
        { value: 'v2', confidence: expect.closeTo(0.0225, 6) },
      ],
    });
  });

  test('abstains below it, and says what it would have been', () => {
    expect(verdictOn({ proposed: [guess('v0', 0.89)] })).toMatchObject({
      kind: 'abstain',
      reason: 'below-cutoff',
      best: { value: 'v0', confidence: expect.closeTo(0.89, 6) },
      cutOff: expect.closeTo(0.9, 6),
      runnersUp: [{ value: 'v1' }, { value: 'v2' }],
    });
  });

  test('a promise between two measured precisions is rounded up', () => {
    const playbook = deciding({ targetPrecision: 0.91 });
    expect(verdictOn({ proposed: [guess('v0', 0.92)] }, playbook)).toMatchObject({ reason: 'below-cutoff' });
    expect(verdictOn({ proposed: [guess('v0', 0.93)] }, playbook)).toMatchObject({ kind: 'value' });
  });

  test('keeps four runners-up at most', () => {
    const candidates = shares(0.5, 0.2, 0.1, 0.1, 0.05, 0.05);
    const verdict = verdictOn({ candidates });
    expect(verdict?.runnersUp.map(({ value }) => value)).toEqual(['v1', 'v2', 'v3', 'v4']);
  });

  test('a class with enough tickets of its own has its own cut-offs', () => {
    const easy = { value: 'v0', tickets: 80, right: 78, cutOffs: PRECISIONS.map(() => 0.3) };
    const playbook = deciding({}, calibrationWith({ cutOffs: { ...calibrationWith().cutOffs, classes: [easy] } }));
    expect(verdictOn({ proposed: [guess('v0', 0.4)] }, playbook)).toMatchObject({ kind: 'value', value: 'v0' });
    expect(verdictOn({ proposed: [guess('v1', 0.4)] }, playbook)).toMatchObject({ reason: 'below-cutoff' });
  });

  test('a class that never was right often enough is below every cut-off', () => {
    const hopeless = { value: 'v0', tickets: 80, right: 20, cutOffs: PRECISIONS.map(() => null) };
    const playbook = deciding({}, calibrationWith({ cutOffs: { ...calibrationWith().cutOffs, classes: [hopeless] } }));
    expect(verdictOn({ proposed: [guess('v0', 0.999)] }, playbook)).toMatchObject({
      reason: 'below-cutoff',
      cutOff: 1,
    });
  });

  test('a class may promise more, or less, than the others', () => {
    const playbook = deciding({ classes: { v0: { targetPrecision: 0.98 }, v1: { targetPrecision: 0.5 } } });
    expect(verdictOn({ proposed: [guess('v0', 0.97)] }, playbook)).toMatchObject({ reason: 'below-cutoff' });
    expect(verdictOn({ proposed: [guess('v0', 0.985)] }, playbook)).toMatchObject({ kind: 'value' });
    expect(verdictOn({ proposed: [guess('v1', 0.55)] }, playbook)).toMatchObject({ kind: 'value', value: 'v1' });
    expect(verdictOn({ proposed: [guess('v2', 0.55)] }, playbook)).toMatchObject({ reason: 'below-cutoff' });
  });

  test('an excluded class is never decided, and said to be the best all the same', () => {
    const playbook = deciding({ classes: { v0: { exclude: true } } });
    expect(verdictOn({ proposed: [guess('v0', 0.999)] }, playbook)).toMatchObject({
      kind: 'abstain',
      reason: 'excluded-class',
      best: { value: 'v0' },
    });
  });

  test('classes called like what every object has are classes like any other', () => {
    for (const value of ['constructor', '__proto__', 'toString', '🖨️'])
      expect(verdictOn({ candidates: [{ value, confidence: 1 }], proposed: [guess(value, 0.95)] })).toMatchObject({
        kind: 'value',
        value,
      });
  });
});

describe('what cannot be promised', () => {
  test('a ticket unlike every past one is out of scope, however sure the classifier is', () => {
    const playbook = deciding({}, calibrationWith({ scope: { model: null, cutOff: 0.5 } }));
    expect(verdictOn({ proposed: [guess('v0', 0.999, 0.49)] }, playbook)).toMatchObject({
      kind: 'abstain',
      reason: 'out-of-scope',
      best: { value: 'v0' },
    });
    expect(verdictOn({ proposed: [guess('v0', 0.999, 0.51)] }, playbook)).toMatchObject({ kind: 'value' });
  });

  test('without a calibration there is a best guess and no promise', () => {
    expect(verdictOn({}, deciding({}, null))).toMatchObject({
      kind: 'abstain',
      reason: 'thin-data',
      best: { value: 'v0', confidence: 0.6 },
      cutOff: 1,
    });
  });

  test('a precision that was never reached in measuring cannot be promised', () => {
    const pooled = PRECISIONS.map((precision) => (precision > 0.8 ? null : precision));
    const playbook = deciding({}, calibrationWith({ cutOffs: { pooled, classes: [], parents: null } }));
    expect(verdictOn({ proposed: [guess('v0', 0.999)] }, playbook)).toMatchObject({ reason: 'thin-data', cutOff: 1 });
  });

  test('past tickets alone, without a classifier, promise nothing', () => {
    expect(verdictOn({ rung: 'neighbours', proposed: [] })).toMatchObject({ reason: 'thin-data', rung: 'neighbours' });
    expect(verdictOn({ rung: 'neighbours', candidates: [], proposed: [] })).toMatchObject({
      reason: 'thin-data',
      best: null,
    });
  });

  test.each(['local', 'neighbours', 'rule'] as const)('abstains by %s when nothing may be decided', (rung) => {
    expect(verdictOn({ rung, candidates: [], proposed: [], hasAllowedValue: false })).toMatchObject({
      reason: 'no-allowed-value',
      best: null,
    });
  });
});

describe('a target that promises nothing', () => {
  const careless = { targetPrecision: 0 };
  const strict = calibrationWith({ scope: { model: null, cutOff: 0.5 } });

  test('takes the best guess, unmeasured', () => {
    expect(verdictOn({}, deciding(careless, null))).toMatchObject({ kind: 'value', value: 'v0', cutOff: 0 });
    expect(verdictOn({ rung: 'neighbours', proposed: [] }, deciding(careless, null))).toMatchObject({
      kind: 'value',
      value: 'v0',
      rung: 'neighbours',
    });
  });

  test('takes the best guess of a ticket like no other, and however unsure', () => {
    const proposed = [guess('v0', 0.01, 0)];
    expect(verdictOn({ proposed }, deciding(careless, strict))).toMatchObject({ kind: 'value', value: 'v0' });
  });

  test('takes no excluded class for that', () => {
    const playbook = { ...careless, classes: { v0: { exclude: true } } };
    expect(verdictOn({}, deciding(playbook, null))).toMatchObject({ reason: 'excluded-class' });
    expect(verdictOn({}, deciding(playbook))).toMatchObject({ reason: 'excluded-class' });
  });

  test('still has no guess where there is none', () => {
    expect(verdictOn({ candidates: [], proposed: [] }, deciding(careless, null))).toMatchObject({
      reason: 'thin-data',
      best: null,
    });
  });
});

describe('a value that a person set', () => {
  const set = issueWith({ labels: ['cat-v2'] });

  test('is left alone, and what we would have said is kept', () => {
    expect(verdictOn({}, deciding(), set)).toMatchObject({
      kind: 'abstain',
      reason: 'human-set',
      best: { value: 'v0' },
    });
  });

  test('is left alone by a rule and by a target that promises nothing', () => {
    const ruled = { rung: 'rule' as const, candidates: shares(1), proposed: [] };
    expect(verdictOn(ruled, deciding(), set)).toMatchObject({ reason: 'human-set' });
    expect(verdictOn({}, deciding({ targetPrecision: 0 }), set)).toMatchObject({ reason: 'human-set' });
  });

  test('is not the one Jira sets by itself, nor the one we wrote', () => {
    const mark = { decisionId: 'd', revision: 'r', at: 't', values: { category: 'v2' } };
    expect(verdictOn({}, deciding({ defaults: ['v2'] }), set)).toMatchObject({ kind: 'value', value: 'v0' });
    expect(verdictOn({}, deciding(), { ...set, mark })).toMatchObject({ kind: 'value', value: 'v0' });
    expect(verdictOn({}, deciding(), { ...set, labels: ['cat-v1'], mark })).toMatchObject({ reason: 'human-set' });
  });
});

describe('a rule', () => {
  test('does not decide a value that the playbook excludes', () => {
    const ruled = { rung: 'rule' as const, candidates: shares(1), proposed: [] };
    const [candidate] = ruled.candidates;
    const classes = { [candidate?.value ?? '']: { exclude: true } };
    expect(verdictOn(ruled, deciding({ classes }))).toMatchObject({ kind: 'abstain', reason: 'excluded-class' });
  });

  test('needs neither calibration nor cut-off', () => {
    const ruled = { rung: 'rule' as const, candidates: shares(1), proposed: [] };
    expect(verdictOn(ruled, deciding({ targetPrecision: 0.99 }, null))).toEqual({
      kind: 'value',
      value: 'v0',
      confidence: 1,
      cutOff: 0,
      rung: 'rule',
      runnersUp: [],
    });
  });

  test('nobody proposed anything for a target: nothing is said about it', () => {
    expect(judge(new Map(), issueWith(), deciding()).size).toBe(0);
  });
});

describe('a broader value', () => {
  const values = {
    network: { description: 'd' },
    wifi: { description: 'd', parent: 'network' },
    vpn: { description: 'd', parent: 'network' },
    mail: { description: 'd' },
  };
  const candidates = [
    { value: 'wifi', confidence: 0.5 },
    { value: 'vpn', confidence: 0.38 },
    { value: 'mail', confidence: 0.08 },
    { value: 'network', confidence: 0.04 },
  ];
  const measured = calibrationWith({ cutOffs: { ...calibrationWith().cutOffs, parents: [...PRECISIONS] } });
  const familyPlaybook = (target: Partial<LabelDraft> = {}, calibration = measured): Playbook => ({
    ...deciding(target, calibration),
    taxonomies: new Map([['category', { values }]]),
  });
  const between = { candidates, proposed: [guess('wifi', 0.5)] };

  test('is decided when it and its children together are sure enough', () => {
    expect(verdictOn(between, familyPlaybook())).toMatchObject({
      kind: 'value',
      value: 'network',
      confidence: 0.9,
      cutOff: 0.9,
    });
    expect(verdictOn(between, familyPlaybook({ targetPrecision: 0.95 }))).toMatchObject({
      kind: 'abstain',
      reason: 'below-cutoff',
      best: { value: 'wifi' },
    });
  });

  test('is not needed when the narrower one is sure enough', () => {
    const sure = { candidates, proposed: [guess('wifi', 0.95)] };
    expect(verdictOn(sure, familyPlaybook())).toMatchObject({ kind: 'value', value: 'wifi' });
  });

  test.each([
    ['was never measured', familyPlaybook({}, calibrationWith())],
    ['is excluded', familyPlaybook({ classes: { network: { exclude: true } } })],
    ['promises more', familyPlaybook({ classes: { network: { targetPrecision: 0.97 } } })],
  ])('is not decided when it %s', (_what, playbook) => {
    expect(verdictOn(between, playbook)).toMatchObject({ kind: 'abstain', reason: 'below-cutoff' });
  });

  test('is not decided for a value without a parent, nor for an excluded or strange one', () => {
    const mail = { candidates: [{ value: 'mail', confidence: 0.99 }], proposed: [guess('mail', 0.5)] };
    expect(verdictOn(mail, familyPlaybook())).toMatchObject({ reason: 'below-cutoff' });
    const excluded = familyPlaybook({ classes: { wifi: { exclude: true } } });
    expect(verdictOn(between, excluded)).toMatchObject({ reason: 'excluded-class' });
    const scoped = familyPlaybook({}, { ...measured, scope: { model: null, cutOff: 2 } });
    expect(verdictOn(between, scoped)).toMatchObject({ reason: 'out-of-scope' });
  });

  test('has the shares of its children and its own', () => {
    const [target] = familyPlaybook().targets;
    if (!target) throw new Error('no target');
    const parentOfValue = (value: string) => parentOf(value, target, familyPlaybook());
    expect(familyShare(candidates, 'network', parentOfValue)).toBeCloseTo(0.92, 6);
    expect(['wifi', 'network', 'unheard-of', 'constructor'].map(parentOfValue)).toEqual(['network', null, null, null]);
  });
});

describe('several labels at once', () => {
  const several = { multiple: true, classes: { secret: { exclude: true } } } as const;

  test('are written together when each is sure enough', () => {
    const proposed = [guess('vpn', 0.95), guess('access', 0.92), guess('mail', 0.5)];
    expect(verdictOn({ proposed }, deciding(several))).toMatchObject({
      kind: 'value',
      value: 'access vpn',
      confidence: expect.closeTo(0.92, 6),
    });
  });

  test('are none when none is, and the surest says why', () => {
    const proposed = [guess('mail', 0.5), guess('vpn', 0.8)];
    expect(verdictOn({ proposed }, deciding(several))).toMatchObject({
      kind: 'abstain',
      reason: 'below-cutoff',
      best: { value: 'vpn' },
    });
  });

  test('do without an excluded one', () => {
    const proposed = [guess('secret', 0.99), guess('vpn', 0.95)];
    expect(verdictOn({ proposed }, deciding(several))).toMatchObject({ kind: 'value', value: 'vpn' });
    expect(verdictOn({ proposed: [guess('secret', 0.99)] }, deciding(several))).toMatchObject({
      reason: 'excluded-class',
    });
  });

  test('that we wrote are not a person’s, whatever their order', () => {
    const mark = { decisionId: 'd', revision: 'r', at: 't', values: { category: 'access vpn' } };
    const issue = issueWith({ labels: ['cat-vpn', 'cat-access'], mark });
    const proposed = [guess('vpn', 0.95)];
    expect(verdictOn({ proposed }, deciding(several), issue)).toMatchObject({ kind: 'value', value: 'vpn' });
    expect(verdictOn({ proposed }, deciding(several), { ...issue, labels: ['cat-vpn'] })).toMatchObject({
      reason: 'human-set',
    });
  });
});
