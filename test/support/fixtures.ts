import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { Decision, Evidence, Verdict } from '../../src/domain/decision/decision.ts';
import type { Delivery, WriteRecord } from '../../src/domain/decision/delivery.ts';
import { type Calibration, PRECISIONS } from '../../src/domain/playbook/calibration.ts';
import { type Playbook, PlaybookFileSchema } from '../../src/domain/playbook/playbook.ts';
import { type Target, TargetSchema } from '../../src/domain/playbook/target.ts';
import { TeamsSchema } from '../../src/domain/playbook/teams.ts';
import type { EditableField, Issue, PastTicket } from '../../src/domain/ticket/issue.ts';
import { SIGNALS } from '../../src/learning/signals.ts';

export const BOT = 'bot-account';
export const TEAM_FIELD = 'customfield_10050';

let last = 10_000;

/** An id no other fixture of this run has. */
export function freshId(): string {
  last += 1;
  return String(last);
}

/** A new, open issue of project IT that nobody has triaged; every field the bot may need is editable. */
export function issueWith(parts: Partial<Issue> = {}): Issue {
  const id = parts.id ?? freshId();
  return {
    id,
    key: `IT-${id}`,
    project: 'IT',
    issueType: 'Incident',
    summary: 'Cannot sign in',
    text: 'The password is refused since this morning.',
    reporter: { accountId: 'customer-cy', displayName: 'Cy Customer' },
    labels: [],
    components: [],
    priority: null,
    assignee: null,
    status: 'To Do',
    isFinished: false,
    created: '2026-05-01T08:00:00.000Z',
    updated: '2026-05-01T08:00:00.000Z',
    resolved: null,
    resolution: null,
    securityLevel: null,
    requestType: null,
    organizations: [],
    custom: {},
    people: [],
    editable: editableWith(),
    changes: [],
    mark: null,
    isHistoryWhole: true,
    ...parts,
  };
}

/** Every target's field, free of limits unless `limits` names its allowed values; null takes a field away. */
export function editableWith(
  limits: Readonly<Record<string, readonly string[] | null>> = {},
): ReadonlyMap<string, EditableField> {
  const free = ['labels', 'components', 'priority', 'assignee', TEAM_FIELD];
  const fields = new Map<string, EditableField>(free.map((field) => [field, { allowed: null }]));
  for (const [field, allowed] of Object.entries(limits)) {
    if (allowed === null) fields.delete(field);
    else fields.set(field, { allowed });
  }
  return fields;
}

/** A target as `playbook.yaml` would declare it. */
export function targetWith(name: string, declared: z.input<typeof TargetSchema>): Target {
  return { ...TargetSchema.parse(declared), name };
}

type TargetDrafts = Readonly<Record<string, z.input<typeof TargetSchema>>>;

/** One target of each kind, all on `auto`. */
export const ALL_TARGETS = {
  category: { kind: 'label', prefix: 'cat-', mode: 'auto' },
  priority: { kind: 'priority', defaults: ['Medium'], mode: 'auto' },
  component: { kind: 'component', mode: 'auto' },
  team: { kind: 'select', field: TEAM_FIELD, decidedBy: 'routing', mode: 'auto' },
  assignee: { kind: 'assignee', decidedBy: 'routing', mode: 'auto' },
} as const satisfies TargetDrafts;

export interface PlaybookDraft extends Partial<Omit<z.input<typeof PlaybookFileSchema>, 'targets'>> {
  readonly targets?: TargetDrafts;
  /** Allowed values by target name. */
  readonly taxonomies?: Readonly<Record<string, readonly string[]>>;
  readonly teams?: z.input<typeof TeamsSchema>;
  /** By target name. */
  readonly calibrations?: ReadonlyMap<string, Calibration>;
  /** By `modelKey`. */
  readonly modelCalibrations?: ReadonlyMap<string, Calibration>;
  readonly prompts?: Partial<Playbook['prompts']>;
  readonly revision?: string;
}

/** A playbook for project IT; without `targets` it has one of each kind. */
export function playbookWith(draft: PlaybookDraft = {}): Playbook {
  const { targets = ALL_TARGETS, taxonomies = {}, teams, prompts, revision, ...rest } = draft;
  const { calibrations = new Map(), modelCalibrations = new Map(), ...file } = rest;
  const parsed = PlaybookFileSchema.parse({ projects: ['IT'], ...file, targets });
  const described = Object.entries(taxonomies).map(
    ([name, values]) =>
      [name, { values: Object.fromEntries(values.map((value) => [value, { description: value }])) }] as const,
  );
  return {
    ...parsed,
    targets: Object.entries(parsed.targets).map(([name, target]) => ({ ...target, name })),
    taxonomies: new Map(described),
    teams: TeamsSchema.parse(teams ?? { teams: {} }),
    calibrations,
    modelCalibrations,
    prompts: { triage: null, hyde: null, rerank: null, ...prompts },
    revision: revision ?? 'test-revision',
  };
}

/**
 * What was measured for the target `category`. Scores are probabilities, and every promised precision takes a score as
 * high as itself; nothing is out of scope.
 */
export function calibrationWith(parts: Partial<Calibration> = {}): Calibration {
  return {
    target: 'category',
    rung: 'local',
    data: { tickets: 200, unknown: 0, from: '2026-01-01T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z', accuracy: 0.8 },
    recipe: 'test-recipe',
    embedder: null,
    doubt: 0.2,
    signals: [...SIGNALS],
    score: {
      means: SIGNALS.map(() => 0),
      scales: SIGNALS.map(() => 1),
      weights: SIGNALS.map((name) => (name === 'margin' ? 1 : 0)),
      bias: 0,
    },
    curve: { kind: 'logistic', slope: 1, intercept: 0 },
    scope: { model: null, cutOff: 0 },
    cutOffs: { pooled: [...PRECISIONS], classes: [], parents: null },
    similarFrom: null,
    ...parts,
  };
}

/** Signals that `calibrationWith` turns into this score; `known` is what scope looks at. */
export function signalsFor(score: number, known = 1): number[] {
  return SIGNALS.map((name) => (name === 'margin' ? Math.log(score / (1 - score)) : name === 'known' ? known : 0));
}

/** A verdict for a value. */
export function says(value: string, confidence = 0.9): Verdict {
  return { kind: 'value', value, confidence, cutOff: 0.5, rung: 'neighbours', runnersUp: [] };
}

/** A verdict for nothing. */
export function abstains(reason: Extract<Verdict, { kind: 'abstain' }>['reason'] = 'below-cutoff'): Verdict {
  return { kind: 'abstain', reason, best: null, cutOff: 0.5, rung: 'neighbours', runnersUp: [] };
}

/** A decision about an issue; `values` is the short way to say `verdicts`. */
export function decisionWith({
  values = {},
  ...parts
}: Partial<Decision> & { readonly values?: Readonly<Record<string, string>> } = {}): Decision {
  const deliveryId = parts.deliveryId ?? randomUUID();
  const verdicts = Object.fromEntries(Object.entries(values).map(([target, value]) => [target, says(value)]));
  return {
    id: `${deliveryId}-1`,
    deliveryId,
    issueId: '10001',
    issueKey: 'IT-10001',
    revision: 'test-revision',
    inputHash: 'input',
    round: 0,
    isControl: false,
    overridesHumans: false,
    unknownWords: null,
    model: null,
    decidedAt: '2026-05-01T08:00:01.000Z',
    verdicts,
    evidence: [],
    routing: { team: null, assignee: null, policy: null, passedOver: [], alternates: [], escalatedFrom: null },
    burst: null,
    retrieval: 'sparse',
    timingsMs: { total: 1 },
    asked: null,
    degraded: false,
    degradedBecause: null,
    ...parts,
  };
}

/** A past ticket as evidence, with plain values. */
export function evidenceWith(parts: Partial<Evidence> = {}): Evidence {
  const id = parts.id ?? freshId();
  return {
    id,
    key: `IT-${id}`,
    summary: 'An old ticket',
    similarity: 1,
    likeness: 0.5,
    isRestricted: false,
    isSimilar: false,
    resolution: null,
    values: {},
    ...parts,
  };
}

/** A finished ticket of project IT. */
export function pastTicketWith(parts: Partial<PastTicket> = {}): PastTicket {
  const id = parts.id ?? freshId();
  return {
    id,
    key: `IT-${id}`,
    project: 'IT',
    summary: 'Cannot sign in',
    text: 'The password is refused.',
    created: '2026-01-01T00:00:00.000Z',
    securityLevel: null,
    resolution: null,
    people: [],
    context: {},
    values: {},
    embedding: null,
    ...parts,
  };
}

/** A delivery nobody has seen before, to be triaged. */
export function deliveryWith(parts: Partial<Delivery> = {}): Delivery {
  const issueId = parts.issueId === undefined ? freshId() : parts.issueId;
  return {
    site: 'acme.atlassian.net',
    door: 'webhook',
    identifier: randomUUID(),
    contentHash: randomUUID(),
    event: 'jira:issue_created',
    issueId,
    issueKey: issueId === null ? null : `IT-${issueId}`,
    plan: { kind: 'do', intent: 'triage', isForced: false },
    ...parts,
  };
}

/** A finished write without changes. */
export function writeWith(parts: Partial<WriteRecord> = {}): WriteRecord {
  return {
    decisionId: randomUUID(),
    issueId: '10001',
    issueKey: 'IT-10001',
    state: 'applied',
    reason: null,
    changes: {},
    heldBack: {},
    suggestions: {},
    passedOver: [],
    undoes: null,
    ...parts,
  };
}
