import fc from 'fast-check';
import { type Calibration, PRECISIONS } from '../../../../../src/domain/playbook/calibration.ts';
import { modelKey, type Playbook, type Taxonomy } from '../../../../../src/domain/playbook/playbook.ts';
import { MODEL_SIGNALS, SIGNALS } from '../../../../../src/learning/signals.ts';
import { calibrationWith, playbookWith } from '../../../../support/fixtures.ts';
import { promptWith } from '../../../../support/model.ts';
import { DECIDED, FIELDS, PRIORITIES, TEAMS, VALUES } from './words.ts';

const value = fc.constantFrom(...VALUES);
export const someValues = fc.subarray(VALUES, { minLength: 2 });
/** In hundredths: of random doubles most are next to nothing. */
export const share = fc.nat(100).map((hundredths) => hundredths / 100);
const decidedBy = fc.constantFrom('routing' as const, 'evidence' as const);
const seldom = fc.nat(4).map((drawn) => drawn === 0);

const labelKind = { kind: fc.constant('label' as const), prefix: fc.constant('cat-'), multiple: fc.boolean() };
const select = (field: string) => ({ kind: fc.constant('select' as const), field: fc.constant(field) });

/** What every target may be told; all of them act, so that nothing is held back by its mode. */
const common = (of: fc.Arbitrary<string>) => ({
  mode: fc.constantFrom('auto' as const, 'suggest' as const),
  targetPrecision: fc.constantFrom(0, 0.5, 0.9),
  classes: fc.dictionary(of, fc.record({ protect: fc.boolean(), exclude: seldom }), { maxKeys: 2 }),
});

const targets = fc.record(
  {
    category: fc.record({ ...labelKind, ...common(value) }),
    priority: fc.record({
      kind: fc.constant('priority' as const),
      defaults: fc.constant<string[]>(['Medium']),
      ...common(fc.constantFrom(...PRIORITIES)),
    }),
    component: fc.record({ kind: fc.constant('component' as const), ...common(value) }),
    impact: fc.record({ ...select(FIELDS.impact), ...common(value) }),
    remark: fc.record({ kind: fc.constant('text' as const), field: fc.constant(FIELDS.remark), ...common(value) }),
    team: fc.record({ ...select(FIELDS.team), decidedBy, ...common(fc.constantFrom(...TEAMS)) }),
    assignee: fc.record({ kind: fc.constant('assignee' as const), decidedBy, mode: fc.constant('auto' as const) }),
  },
  { requiredKeys: ['category', 'priority', 'assignee'] },
);

/** Each category is taken by one team; which teams are restricted is a matter of chance. */
const teams = fc
  .record({
    takers: fc.array(fc.constantFrom(...TEAMS), { minLength: VALUES.length, maxLength: VALUES.length }),
    restricted: fc.subarray(TEAMS, { maxLength: 2 }),
    policy: fc.constantFrom('team-only' as const, 'past-resolver' as const, 'round-robin' as const),
    escalation: fc.constantFrom(...TEAMS.slice(1)),
  })
  .map(({ takers, restricted, policy, escalation }) => {
    const teamOf = (name: string) => ({
      takes: VALUES.filter((_, index) => takers[index] === name),
      restricted: restricted.includes(name),
      policy,
      members: [{ accountId: `${name}-member`, name }],
      ...(name === TEAMS[0] ? { escalation } : {}),
    });
    const route = { by: 'category', team: 'team', assignee: 'assignee' };
    return { route, teams: Object.fromEntries(TEAMS.map((name) => [name, teamOf(name)])) };
  });

const number = fc.integer({ min: -300, max: 300 }).map((hundredths) => hundredths / 100);
export const numbersFor = (names: readonly string[], of = number) =>
  fc.array(of, { minLength: names.length, maxLength: names.length });

const cutOffs = numbersFor(
  PRECISIONS.map((precision) => String(precision)),
  share,
).map((scores) => scores.toSorted((one, other) => one - other));

const calibrationFor = (names: readonly string[]): fc.Arbitrary<Calibration> =>
  fc.record({ weights: numbersFor(names), bias: number, pooled: cutOffs, parents: cutOffs }).map((drawn) =>
    calibrationWith({
      score: { means: names.map(() => 0), scales: names.map(() => 1), weights: drawn.weights, bias: drawn.bias },
      cutOffs: { pooled: drawn.pooled, classes: [], parents: drawn.parents },
    }),
  );

/** Most targets are measured, each in one of two ways. */
const calibrations = (names: readonly string[], keyOf: (target: string) => string) =>
  fc
    .record({
      measured: fc.subarray(DECIDED, { minLength: 3 }),
      one: calibrationFor(names),
      other: calibrationFor(names),
    })
    .map(
      ({ measured, one, other }) =>
        new Map(measured.map((name, index) => [keyOf(name), index % 2 === 0 ? one : other] as const)),
    );

/** One value may be the broader one that all others fall back to. */
const taxonomyOf = (of: fc.Arbitrary<string[]>): fc.Arbitrary<Taxonomy> =>
  fc.record({ listed: of, parent: value }).map(({ listed, parent }) => {
    const above = (name: string) => (listed.includes(parent) && name !== parent ? { parent } : {});
    return { values: Object.fromEntries(listed.map((name) => [name, { description: name, ...above(name) }])) };
  });

const taxonomies = fc.record(
  {
    category: taxonomyOf(someValues),
    component: taxonomyOf(someValues),
    impact: taxonomyOf(someValues),
    priority: taxonomyOf(fc.subarray(PRIORITIES, { minLength: 2 })),
  },
  { requiredKeys: [] },
);

/** Any playbook that `triage check` would take: taxonomies or none, protected and excluded values, promises, measures. */
export const playbooks: fc.Arbitrary<Playbook> = fc
  .record({
    targets,
    teams,
    taxonomies,
    isReranked: fc.boolean(),
    calibrations: calibrations(SIGNALS, (name) => name),
    modelCalibrations: calibrations(MODEL_SIGNALS, (name) => modelKey(name, 'main')),
  })
  .map(({ taxonomies: known, isReranked, ...draft }) => {
    const prompts = { triage: promptWith(), rerank: isReranked ? promptWith() : null };
    const made = playbookWith({ ...draft, prompts, model: { prompt: 'p.yaml', skipModelAbove: 1 } });
    return { ...made, taxonomies: new Map(Object.entries(known)) };
  });
