import fc from 'fast-check';
import type { Evidence } from '../../../../../src/domain/decision/decision.ts';
import type { Playbook } from '../../../../../src/domain/playbook/playbook.ts';
import { holdsSeveral, type Target } from '../../../../../src/domain/playbook/target.ts';
import type { Issue } from '../../../../../src/domain/ticket/issue.ts';
import { SIGNALS } from '../../../../../src/learning/signals.ts';
import { allowedValues, type Proposal } from '../../../../../src/triage/classify.ts';
import { editableWith, evidenceWith, issueWith } from '../../../../support/fixtures.ts';
import { numbersFor, playbooks, share, someValues } from './playbooks.ts';
import { DECIDED, FIELDS, FILLERS, PEOPLE, PRIORITIES, TEAMS, VALUES } from './words.ts';

/** A desk and one ticket on it, as rules and the local classifier leave it. */
export interface Desk {
  readonly playbook: Playbook;
  readonly issue: Issue;
  readonly evidence: readonly Evidence[];
  readonly proposals: ReadonlyMap<string, Proposal>;
}

/** What Jira allows right now differs from ticket to ticket, and some values were set by people. */
const issues: fc.Arbitrary<Issue> = fc
  .record({
    labels: fc.constantFrom<string[]>([], ['other'], ['other'], ['cat-security', 'cat-email']),
    priority: fc.constantFrom(null, 'Medium', 'Medium', 'Low'),
    components: fc.constantFrom<string[]>([], [], ['vpn']),
    allowed: fc.record({
      priority: fc.option(fc.subarray(PRIORITIES, { minLength: 1 }), { freq: 8 }),
      components: fc.option(someValues),
      [FIELDS.impact]: fc.option(
        fc.oneof(
          someValues,
          someValues.map((some) => [...some, ...FILLERS]),
        ),
      ),
      [FIELDS.team]: fc.constant(TEAMS),
    }),
  })
  .map(({ allowed, ...parts }) => issueWith({ ...parts, editable: editableWith(allowed) }));

const value = fc.constantFrom(...VALUES);
const evidence = fc.array(
  fc
    .record({
      category: value,
      component: value,
      impact: value,
      remark: value,
      priority: fc.constantFrom(...PRIORITIES),
    })
    .map((values) => evidenceWith({ values })),
  { maxLength: 4 },
);

interface Opinion {
  readonly rung: 'local' | 'neighbours' | 'rule';
  readonly order: readonly string[];
  /** For any value the same numbers each time, as a classifier would have them. */
  readonly signals: Readonly<Record<string, readonly number[]>>;
}

const everything = [...VALUES, ...PRIORITIES, ...TEAMS, ...PEOPLE];
/** What a target's own values are; of all others, the desk's common words. */
const WORDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['priority', PRIORITIES],
  ['team', TEAMS],
  ['assignee', PEOPLE],
]);
const opinion: fc.Arbitrary<Opinion> = fc.record({
  rung: fc.constantFrom(...(['local', 'local', 'local', 'neighbours', 'rule'] as const)),
  order: fc.shuffledSubarray(everything),
  signals: fc.dictionary(fc.constantFrom(...everything), numbersFor(SIGNALS, share)),
});

/** What `classify` promises: only allowed values, best first, signals only from the trained classifier. */
function proposalFor(target: Target, drawn: Opinion, { issue, playbook }: Omit<Desk, 'proposals'>): Proposal {
  const allowed = allowedValues(target, issue, playbook);
  const fitting = WORDS.get(target.name) ?? VALUES;
  const ranking = drawn.order.filter((name) => fitting.includes(name) && (allowed === null || allowed.has(name)));
  const { rung } = drawn;
  const shown = rung === 'rule' ? ranking.slice(0, 1) : ranking;
  const signalsFor = rung === 'local' ? (name: string) => drawn.signals[name] ?? SIGNALS.map(() => 0.1) : null;
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

export const desks: fc.Arbitrary<Desk> = fc
  .record({
    playbook: playbooks,
    issue: issues,
    evidence,
    opinions: fc.array(opinion, { minLength: DECIDED.length, maxLength: DECIDED.length }),
  })
  .map(({ opinions, ...drawn }) => {
    const decided = drawn.playbook.targets.filter(({ decidedBy }) => decidedBy === 'evidence');
    const proposals = decided.flatMap((target) => {
      const own = opinions[DECIDED.indexOf(target.name)];
      return own ? [[target.name, proposalFor(target, own, drawn)] as const] : [];
    });
    return { ...drawn, proposals: new Map(proposals) };
  });
