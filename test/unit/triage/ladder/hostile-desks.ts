import fc from 'fast-check';
import { type Calibration, PRECISIONS } from '../../../../src/domain/calibration.ts';
import type { Evidence } from '../../../../src/domain/decision.ts';
import type { Issue } from '../../../../src/domain/issue.ts';
import { modelKey, type Playbook, type Taxonomy } from '../../../../src/domain/playbook.ts';
import { fieldOf, holdsSeveral, type Target } from '../../../../src/domain/target.ts';
import { MODEL_SIGNALS, SIGNALS } from '../../../../src/learning/signals.ts';
import { allowedValues, type Proposal } from '../../../../src/triage/classify.ts';
import {
  calibrationWith,
  editableWith,
  evidenceWith,
  issueWith,
  type PlaybookDraft,
  playbookWith,
  TEAM_FIELD,
} from '../../../support/fixtures.ts';
import { promptWith } from '../../../support/model.ts';

/** A desk and one ticket on it, as rules and the local classifier leave it. */
export interface Desk {
  readonly playbook: Playbook;
  readonly issue: Issue;
  readonly evidence: readonly Evidence[];
  readonly proposals: ReadonlyMap<string, Proposal>;
}

export const VALUES = ['access', 'email', 'erp', 'network', 'security', 'vpn'];
export const PRIORITIES = ['Highest', 'High', 'Medium', 'Low'];
export const IMPACT_FIELD = 'customfield_10051';
export const REMARK_FIELD = 'customfield_10052';
const TEAMS = ['Front', 'Back', 'Guards'];

const share = fc.double({ min: 0, max: 1, noNaN: true });
const value = fc.constantFrom(...VALUES);
const values = fc.subarray(VALUES, { minLength: 2 });
const precision = fc.constantFrom(0, 0.5, 0.9);
const seldom = fc.nat(4).map((drawn) => drawn === 0);
const maybe = <Value>(of: fc.Arbitrary<Value>) => fc.option(of, { nil: undefined });

const classesOf = (of: fc.Arbitrary<string>) =>
  fc.dictionary(of, fc.record({ protect: fc.boolean(), exclude: seldom }), { maxKeys: 2 });

/** What every kind of target may be told; all write, so that nothing is held back by its mode. */
const common = (of: fc.Arbitrary<string>) => ({
  mode: fc.constantFrom('auto' as const, 'suggest' as const),
  targetPrecision: precision,
  classes: classesOf(of),
});

const targets = fc.record(
  {
    category: fc.record({
      kind: fc.constant('label' as const),
      prefix: fc.constant('cat-'),
      multiple: fc.boolean(),
      ...common(value),
    }),
    priority: fc.record({
      kind: fc.constant('priority' as const),
      defaults: fc.constant<string[]>(['Medium']),
      ...common(fc.constantFrom(...PRIORITIES)),
    }),
    component: fc.record({ kind: fc.constant('component' as const), ...common(value) }),
    impact: fc.record({ kind: fc.constant('select' as const), field: fc.constant(IMPACT_FIELD), ...common(value) }),
    remark: fc.record({ kind: fc.constant('text' as const), field: fc.constant(REMARK_FIELD), ...common(value) }),
    team: fc
      .record({
        kind: fc.constant('select' as const),
        field: fc.constant(TEAM_FIELD),
        decidedBy: fc.constantFrom('routing' as const, 'evidence' as const),
        ...common(fc.constantFrom(...TEAMS)),
      })
      .map((drawn) => (drawn.decidedBy === 'routing' ? { ...drawn, classes: {} } : drawn)),
    assignee: fc.record({
      kind: fc.constant('assignee' as const),
      decidedBy: fc.constant('routing' as const),
      mode: fc.constant('auto' as const),
    }),
  },
  { requiredKeys: ['category', 'priority', 'assignee'] },
);

/** Each value is taken by one team at most; which teams are restricted is a matter of chance. */
const teams = fc
  .record({
    takers: fc.array(fc.constantFrom(...TEAMS), { minLength: VALUES.length, maxLength: VALUES.length }),
    restricted: fc.subarray(TEAMS, { maxLength: 2 }),
    policy: fc.constantFrom('team-only' as const, 'past-resolver' as const),
  })
  .map(({ takers, restricted, policy }) => ({
    route: { by: 'category', team: 'team', assignee: 'assignee' },
    teams: Object.fromEntries(
      TEAMS.map((name) => [
        name,
        {
          takes: VALUES.filter((_, index) => takers[index] === name),
          restricted: restricted.includes(name),
          policy,
          members: [{ accountId: `${name}-member`, name }],
        },
      ]),
    ),
  }));

const numbersFor = (names: readonly string[], of = fc.double({ min: -3, max: 3, noNaN: true })) =>
  fc.array(of, { minLength: names.length, maxLength: names.length });

const cutOffs = fc
  .array(share, { minLength: PRECISIONS.length, maxLength: PRECISIONS.length })
  .map((scores) => scores.toSorted((one, other) => one - other));

const calibrationFor = (names: readonly string[]): fc.Arbitrary<Calibration> =>
  fc
    .record({
      weights: numbersFor(names),
      bias: fc.double({ min: -3, max: 3, noNaN: true }),
      cutOffs,
      parents: cutOffs,
    })
    .map(({ weights, bias, cutOffs: pooled, parents }) =>
      calibrationWith({
        score: { means: names.map(() => 0), scales: names.map(() => 1), weights, bias },
        cutOffs: { pooled, classes: [], parents },
      }),
    );

const NAMES = ['category', 'priority', 'component', 'impact', 'remark', 'team'];
const calibrationsFor = (names: readonly string[], keyOf: (target: string) => string) =>
  fc
    .dictionary(fc.constantFrom(...NAMES), calibrationFor(names), { maxKeys: NAMES.length })
    .map((made) => new Map(Object.entries(made).map(([name, calibration]) => [keyOf(name), calibration] as const)));

const taxonomies = fc.record({
  category: maybe(values),
  component: maybe(values),
  priority: maybe(fc.subarray(PRIORITIES)),
});

const playbook: fc.Arbitrary<Playbook> = fc
  .record({
    targets,
    teams,
    taxonomies,
    parent: value,
    calibrations: calibrationsFor(SIGNALS, (name) => name),
    modelCalibrations: calibrationsFor(MODEL_SIGNALS, (name) => modelKey(name, 'main')),
  })
  .map(({ parent, taxonomies: drafted, ...draft }) => {
    const known = Object.entries(drafted).flatMap(([name, list]) =>
      list && list.length > 0 ? [[name, list] as const] : [],
    );
    const made = playbookWith({
      ...(draft satisfies PlaybookDraft),
      taxonomies: Object.fromEntries(known),
      model: { prompt: 'p.yaml', skipModelAbove: 1 },
      prompts: { triage: promptWith() },
    });
    return {
      ...made,
      taxonomies: new Map([...made.taxonomies].map(([name, it]) => [name, { values: withParent(it.values, parent) }])),
    };
  });

/** Everything in the taxonomy that is not the parent itself falls back to it. */
function withParent(described: Taxonomy['values'], parent: string): Taxonomy['values'] {
  if (!Object.hasOwn(described, parent)) return described;
  return Object.fromEntries(
    Object.entries(described).map(([name, it]) => [name, name === parent ? it : { ...it, parent }]),
  );
}

const issue: fc.Arbitrary<Issue> = fc
  .record({
    labels: fc.constantFrom<string[]>([], ['other'], ['other'], ['cat-security', 'cat-email']),
    priority: fc.constantFrom(null, 'Medium', 'Medium', 'Low'),
    components: fc.constantFrom<string[]>([], [], ['vpn']),
    allowed: fc.record({
      priority: fc.subarray(PRIORITIES, { minLength: 1 }),
      components: fc.option(values),
      [IMPACT_FIELD]: fc.option(values),
      [TEAM_FIELD]: fc.constant(TEAMS),
    }),
  })
  .map(({ allowed, ...parts }) => issueWith({ ...parts, editable: editableWith(allowed) }));

const evidence = fc.array(
  fc
    .record({
      category: value,
      priority: fc.constantFrom(...PRIORITIES),
      component: value,
      impact: value,
      remark: value,
    })
    .map((carried) => evidenceWith({ values: carried })),
  { maxLength: 4 },
);

/** For any value: the same numbers each time, as a classifier would have them. */
const signals = fc.dictionary(fc.constantFrom(...VALUES, ...PRIORITIES, ...TEAMS), numbersFor(SIGNALS, share));

const opinion = fc.record({
  rung: fc.constantFrom(...(['local', 'local', 'local', 'neighbours', 'rule'] as const)),
  order: fc.shuffledSubarray([...VALUES, ...PRIORITIES, ...TEAMS]),
  signals,
});

/** What `classify` promises: only allowed values, best first, signals only from the trained classifier. */
function proposalFor(
  target: Target,
  of: { readonly issue: Issue; readonly playbook: Playbook },
  drawn: Opinion,
): Proposal {
  const allowed = allowedValues(target, of.issue, of.playbook);
  const fitting = target.kind === 'priority' ? PRIORITIES : target.name === 'team' ? TEAMS : VALUES;
  const ranking = drawn.order.filter((name) => fitting.includes(name) && (allowed === null || allowed.has(name)));
  const [first, ...rest] = ranking;
  const rung = drawn.rung;
  const signalsFor = rung === 'local' ? (name: string) => drawn.signals[name] ?? SIGNALS.map(() => 0.1) : null;
  const shown = first === undefined ? [] : rung === 'rule' ? [first] : [first, ...rest];
  const proposed = holdsSeveral(target) ? shown : shown.slice(0, 1);
  return {
    rung,
    candidates: shown.map((name, place) => ({ value: name, confidence: rung === 'rule' ? 1 : 0.5 ** (place + 1) })),
    proposed: signalsFor ? proposed.map((name) => ({ value: name, signals: signalsFor(name) })) : [],
    hasAllowedValue: allowed === null || allowed.size > 0,
    signalsFor,
    model: null,
  };
}

type Opinion = typeof opinion extends fc.Arbitrary<infer It> ? It : never;

export const desk: fc.Arbitrary<Desk> = fc
  .record({
    playbook,
    issue,
    evidence,
    opinions: fc.array(opinion, { minLength: NAMES.length, maxLength: NAMES.length }),
  })
  .map(({ opinions, ...drawn }) => {
    const decided = drawn.playbook.targets.filter(({ decidedBy }) => decidedBy === 'evidence');
    const proposals = decided.flatMap((target) => {
      const own = opinions[NAMES.indexOf(target.name)];
      return own ? [[target.name, proposalFor(target, drawn, own)] as const] : [];
    });
    return { ...drawn, proposals: new Map(proposals) };
  });

/** The fields that the playbook's targets may ever touch. */
export function fieldsOf({ targets: declared }: Playbook): ReadonlySet<string> {
  return new Set(declared.map(fieldOf));
}
