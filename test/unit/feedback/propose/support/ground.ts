import { PromptFileSchema } from '../../../../../src/domain/playbook/prompt.ts';
import type { PastTicket } from '../../../../../src/domain/ticket/issue.ts';
import { casesOf } from '../../../../../src/feedback/propose/cases.ts';
import type { Ground } from '../../../../../src/feedback/propose/change.ts';
import { sift } from '../../../../../src/feedback/propose/overrides.ts';
import { propose } from '../../../../../src/feedback/propose/propose.ts';
import { redactor } from '../../../../../src/privacy/redact.ts';
import { type CorrectionDraft, correctionWith, ordinaryTickets } from '../../../../support/corrections.ts';
import { type PlaybookDraft, playbookWith } from '../../../../support/fixtures.ts';

export interface Setting {
  readonly corrections: readonly CorrectionDraft[];
  /** Besides the corrected tickets; three rounds of ordinary ones when absent. */
  readonly others?: readonly PastTicket[];
  readonly playbook?: PlaybookDraft;
  /** `few_shot` of the prompt file. */
  readonly shots?: unknown;
  readonly people?: readonly string[];
  readonly min?: number;
}

const TARGETS = {
  category: { kind: 'label', prefix: 'cat-', values: 'taxonomies/category.yaml', targetPrecision: 0.7 },
} as const;

/** What a desk with these corrections would be proposed. */
export function proposedFor({ corrections, others = ordinaryTickets(3), people = [], min = 5, ...draft }: Setting) {
  const made = corrections.map(correctionWith);
  const history = [...others, ...made.map(({ ticket }) => ticket)];
  const prompt = PromptFileSchema.parse({ system: 's', user: '{{ examples }}', few_shot: draft.shots ?? [] });
  const playbook = playbookWith({
    targets: TARGETS,
    taxonomies: { category: ['hardware', 'network', 'access', 'email'] },
    model: { prompt: 'prompts/triage.yaml' },
    prompts: { triage: { ...prompt, hash: 'hash' } },
    ...draft.playbook,
  });
  const tickets = new Map(history.map((ticket) => [ticket.id, ticket]));
  const outcomes = made.map(({ outcome }) => outcome);
  const { overrides } = sift(outcomes, { playbook, tickets });
  const { redact } = redactor({ level: 'strict', people, patterns: [] });
  const ground: Ground = { playbook, history, redact: (text) => redact(text), min };
  const cases = casesOf(overrides, { min, people: 1, bursts: [] }).filter(({ lacks }) => lacks === null);
  return { ...propose(cases, ground), cases };
}

/** The same, in one kind of change. */
export function changesOf(kind: 'example' | 'description' | 'rule', setting: Setting) {
  return proposedFor(setting).changes.filter((change) => change.kind === kind);
}
