import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Decision, DecisionSchema, type Verdict } from '../../../../src/domain/decision.ts';
import type { Model } from '../../../../src/domain/ports.ts';
import type { Question, Reply } from '../../../../src/domain/question.ts';
import { fieldOf, isHumanSet, partsOf, type Target } from '../../../../src/domain/target.ts';
import { NONE } from '../../../../src/prompt/question.ts';
import { allowedValues } from '../../../../src/triage/classify.ts';
import { judge } from '../../../../src/triage/judge.ts';
import { type ConsultPorts, consult } from '../../../../src/triage/ladder/consult.ts';
import { route } from '../../../../src/triage/route.ts';
import { plan } from '../../../../src/write-back/plan.ts';
import { answersFake } from '../../../fakes/answers.ts';
import { memoryFake } from '../../../fakes/memory.ts';
import { BOT, decisionWith } from '../../../support/fixtures.ts';
import { replyWith } from '../../../support/model.ts';
import { type Desk, desk, fieldsOf, PRIORITIES, VALUES } from './hostile-desks.ts';

/** What a model may put into any place of an answer. */
const anything = fc.oneof(
  fc.constantFrom<unknown>(
    ...VALUES,
    ...PRIORITIES,
    NONE,
    'Guards',
    'Front',
    'made up',
    'Guards-member',
    '',
    'E1',
    'high',
  ),
  fc.array(fc.constantFrom<unknown>(...VALUES, NONE, 'made up', 7, null), { maxLength: 8 }),
  fc.subarray(VALUES),
  fc.constantFrom<unknown>(null, true, 7, 1e308, {}, { value: 'security' }, [['vpn']], [NONE, 'vpn']),
  fc.string({ maxLength: 300 }),
);

const NASTY = [
  'h1. Obey [click|https://evil.example/x] ![x](//evil.example/p.png)',
  '[~accountid:712020:b07b07b0] @admin mailto:cy@evil.example <script>alert(1)</script>',
  '{color:red}P1{color} {"type":"mention"} =HYPERLINK("x") \u202Egnp.exe \u{E0041}\u{E007F} www.evil.example',
];
const rationale = fc.oneof(
  anything,
  fc.constantFrom(...NASTY),
  fc.constant('A'.repeat(200_000)),
  fc.string({ unit: 'binary' }),
);

const NAMES = ['category', 'priority', 'component', 'impact', 'remark', 'team', 'assignee'];
const EXTRAS = ['assignee', 'security', 'project', 'transition', 'comment', 'fields', '__proto__', 'constructor'];

/** What a hostile model is out to say, before it knows what it is asked. */
const intent = fc.record({
  /** By target: one of the values it is offered, or whatever it likes. */
  picks: fc.dictionary(fc.constantFrom(...NAMES), anything, { maxKeys: 3 }),
  place: fc.nat(30),
  isHonest: fc.boolean(),
  extras: fc.dictionary(fc.constantFrom(...EXTRAS), anything, { maxKeys: 3 }),
  evidence: fc.oneof(anything, fc.constant(['E1', 'E2', 'E3', 'E99', 'IT-1'])),
  rationale,
  /** Wrapped in prose, given twice, cut off, or no answer at all. */
  shape: fc.constantFrom(...(['bare', 'bare', 'bare', 'bare', 'prose', 'cut', 'garbled'] as const)),
  garbled: fc.oneof(fc.json(), fc.string({ unit: 'binary' })),
});
type Intent = typeof intent extends fc.Arbitrary<infer It> ? It : never;

function said({ picks, place, isHonest, extras, shape, garbled, ...rest }: Intent, { answer }: Question): string {
  const fields = answer.flatMap((field) => (field.kind === 'text' || field.name === 'evidence' ? [] : [field]));
  const offered = fields.map(({ name, kind, values }) => {
    const value = values[place % values.length];
    return [name, kind === 'choice' ? value : values.filter((_, index) => (place >> index) % 2 === 1)] as const;
  });
  const text = JSON.stringify({ ...rest, ...extras, ...Object.fromEntries(offered), ...(isHonest ? {} : picks) });
  if (shape === 'prose') return `Sure! \`\`\`json\n${text}\n\`\`\` {`;
  if (shape === 'cut') return text.slice(0, place);
  return shape === 'garbled' ? garbled : text;
}

const ports = (intended: Intent): ConsultPorts => {
  const complete = async (question: Question): Promise<Reply> => {
    const text = said(intended, question);
    const logprobs = [...text.slice(0, 2_000)].map((token) => ({ token, logprob: -0.01 }));
    return { ...replyWith(null), text, logprobs };
  };
  const main: Model = { endpoint: 'main', model: 'hostile', complete };
  const clock = { now: () => new Date('2026-11-22T08:00:00.000Z') };
  return { endpoints: [main], answers: answersFake(), memory: memoryFake(), embedder: null, finder: null, clock };
};

/** What is decided with a model that says this, and what without any. */
async function decided({ playbook, issue, evidence, proposals }: Desk, intended: Intent | null): Promise<Decision> {
  const draft = { issue, evidence, proposals };
  const consulted = intended === null ? { proposals, asked: null } : await consult(draft, playbook, ports(intended));
  const judged = judge(consulted.proposals, issue, playbook);
  const { routing, verdicts } = route(judged, { issue, evidence }, playbook);
  const all = Object.fromEntries([...judged, ...verdicts]);
  return decisionWith({ verdicts: all, routing, evidence: [...evidence], asked: consulted.asked });
}

const valueOf = (verdict: Verdict | undefined) => (verdict?.kind === 'value' ? verdict.value : null);

/** Said once more in the test's own words, not the product's: the values that no model may bring about. */
function barredFor({ name, kind, classes }: Target, { issue, playbook }: Desk): ReadonlySet<string> {
  const { route: wiring, teams } = playbook.teams;
  const guarded = Object.entries(teams).filter(([, team]) => team.restricted);
  return new Set([
    ...Object.keys(classes).filter((value) => classes[value]?.protect),
    ...(kind === 'priority' ? [issue.editable.get('priority')?.allowed?.[0] ?? 'Highest'] : []),
    ...(name === wiring?.by ? guarded.flatMap(([, { takes }]) => takes) : []),
    ...(name === wiring?.team ? guarded.map(([team]) => team) : []),
  ]);
}

/** Runs a check on many desks with many answers, and once without a model for comparison. */
function always(check: (desk: Desk, decision: Decision, without: Decision) => void): Promise<void> {
  return fc.assert(
    fc.asyncProperty(desk, intent, async (drawn, intended) => {
      check(drawn, await decided(drawn, intended), await decided(drawn, null));
    }),
    { numRuns: Number(process.env['RUNS'] ?? 400) },
  );
}

describe('a model that answers anything', () => {
  test('has a say in many of these cases, so that what follows is not true of silence', async () => {
    const rungs: string[] = [];
    await always((_desk, { verdicts }) =>
      rungs.push(...Object.values(verdicts).map(({ rung, kind }) => `${rung} ${kind}`)),
    );
    expect(rungs.filter((rung) => rung === 'model value').length).toBeGreaterThan(100);
  });

  test('decides nothing but allowed values that are not excluded', async () => {
    await always(({ playbook, issue, evidence, proposals }, { verdicts }) => {
      for (const target of playbook.targets.filter(({ decidedBy }) => decidedBy === 'evidence')) {
        const known = [...(proposals.get(target.name)?.candidates ?? []).map(({ value }) => value)];
        const carried = evidence.flatMap(({ values }) => values[target.name] ?? []);
        const allowed = allowedValues(target, issue, playbook) ?? new Set([...known, ...carried]);
        for (const value of partsOf(target, valueOf(verdicts[target.name]))) {
          expect([...allowed]).toContain(value);
          expect(target.classes[value]?.exclude ?? false).toBe(false);
        }
      }
    });
  });

  test('brings about no protected value, highest priority or restricted team', async () => {
    await always((drawn, { verdicts, routing }, without) => {
      for (const target of drawn.playbook.targets) {
        const verdict = verdicts[target.name];
        const barred = partsOf(target, valueOf(verdict)).filter((value) => barredFor(target, drawn).has(value));
        if (barred.length === 0) continue;
        expect(verdict?.rung).not.toBe('model');
        expect(valueOf(verdict)).toBe(valueOf(without.verdicts[target.name]));
      }
      const isGuarded = routing.team !== null && drawn.playbook.teams.teams[routing.team]?.restricted === true;
      if (isGuarded) expect(routing).toEqual(without.routing);
    });
  });

  test('assigns nobody: people come from the chosen team alone', async () => {
    await always(({ playbook }, { verdicts, routing }) => {
      const person = valueOf(verdicts['assignee']);
      const members = playbook.teams.teams[routing.team ?? '']?.members ?? [];
      if (person !== null) expect(members.map(({ accountId }) => accountId)).toContain(person);
      expect([undefined, 'routing']).toContain(verdicts['assignee']?.rung);
    });
  });

  test('leaves alone what people set', async () => {
    await always(({ playbook, issue }, { verdicts }) => {
      for (const target of playbook.targets.filter((one) => isHumanSet(one, issue) && one.decidedBy === 'evidence'))
        expect([undefined, 'human-set']).toContain(reasonOf(verdicts[target.name]));
    });
  });

  test('writes to no field but those of the declared targets, and into label families only their own labels', async () => {
    await always(({ playbook, issue }, decision) => {
      const declared = new Set(playbook.targets.map(({ name }) => name));
      expect(Object.keys(decision.verdicts).filter((name) => !declared.has(name))).toEqual([]);
      const { edit, changes, suggestions } = plan(decision, issue, { playbook, ourAccountId: BOT });
      const touched = [...Object.keys(edit.fields), ...Object.keys(edit.update)];
      expect(touched.filter((field) => !fieldsOf(playbook).has(field))).toEqual([]);
      expect([...Object.keys(changes), ...Object.keys(suggestions)].filter((name) => !declared.has(name))).toEqual([]);
      const labels = (edit.update['labels'] ?? []).flatMap((operation) => Object.values(operation));
      expect(labels.filter((label) => !String(label).startsWith('cat-'))).toEqual([]);
      for (const target of playbook.targets.filter((one) => isHumanSet(one, issue)))
        expect(touched.includes(fieldOf(target)) && changes[target.name] !== undefined).toBe(false);
    });
  });

  test('leaves a decision that can be kept, with reasons in plain words and citations of what was shown', async () => {
    await always(({ evidence }, decision) => {
      expect(DecisionSchema.safeParse(decision).success).toBe(true);
      for (const { confidence } of Object.values(decision.verdicts).flatMap((verdict) => bestOf(verdict) ?? [])) {
        expect(confidence).toBeGreaterThanOrEqual(0);
        expect(confidence).toBeLessThanOrEqual(1);
      }
      const { rationale: reasons = '', cited = [] } = decision.asked ?? {};
      expect(reasons.length).toBeLessThanOrEqual(300);
      expect(reasons).not.toMatch(/[<>[\]{}|@#*_~`^\\/=&$!\p{Cc}\p{Cf}\p{Cs}]|www\.|:\/\//iu);
      expect(cited.filter((key) => !evidence.some((shown) => shown.key === key))).toEqual([]);
    });
  });
});

function reasonOf(verdict: Verdict | undefined): string | undefined {
  return verdict?.kind === 'abstain' ? verdict.reason : verdict?.value;
}

function bestOf(verdict: Verdict): { readonly confidence: number } | null {
  return verdict.kind === 'value' ? verdict : verdict.best;
}
