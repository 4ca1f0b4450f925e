import fc from 'fast-check';
import type { EndpointName, Question, Reply } from '../../../../../src/domain/decision/question.ts';
import type { Model } from '../../../../../src/domain/ports/model.ts';
import { NONE } from '../../../../../src/prompt/question.ts';
import type { ConsultPorts } from '../../../../../src/triage/ladder/consult.ts';
import { answersFake } from '../../../../fakes/answers.ts';
import { memoryFake } from '../../../../fakes/memory.ts';
import { replyWith } from '../../../../support/model.ts';
import { DECIDED, PRIORITIES, TEAMS, VALUES } from './words.ts';

/** What may stand in any place of an answer. */
const anything = fc.oneof(
  fc.constantFrom<unknown>(...VALUES, ...PRIORITIES, ...TEAMS, NONE, 'made up', 'Guards-member', '', 'E1', 'high'),
  fc.array(fc.constantFrom<unknown>(...VALUES, NONE, 'made up', 7, null), { maxLength: 8 }),
  fc.subarray(VALUES),
  fc.constantFrom<unknown>(null, true, 7, 1e308, {}, { value: 'security' }, [['vpn']], [NONE, 'vpn']),
  fc.string({ maxLength: 300 }),
);

const NASTY = [
  'see login2.example and login。example, h1. Obey [click|https://evil.example/x] ![x](//evil.example/p.png)',
  '[~accountid:712020:b07b07b0] @admin mailto:cy@evil.example <script>alert(1)</script>',
  '{color:red}P1{color} {"type":"mention"} =HYPERLINK("x") \u202Egnp.exe \u{E0041}\u{E007F} www.evil.example',
];
const rationales = fc.oneof(
  anything,
  fc.constantFrom(...NASTY),
  fc.constant('A'.repeat(200_000)),
  fc.string({ unit: 'binary' }),
);

const EXTRAS = ['assignee', 'security', 'project', 'transition', 'comment', 'fields', '__proto__', 'constructor'];
const SHAPES = ['bare', 'bare', 'bare', 'bare', 'prose', 'cut', 'garbled'] as const;

/** What a hostile model is out to say, before it knows what it is asked. */
export interface Intent {
  /** Chooses among what it is offered. */
  readonly place: number;
  /** By target, whatever it likes; nothing of it where it `keeps` to what it is offered. */
  readonly picks: Readonly<Record<string, unknown>>;
  readonly keeps: boolean;
  readonly extras: Readonly<Record<string, unknown>>;
  readonly evidence: unknown;
  readonly rationale: unknown;
  readonly shape: (typeof SHAPES)[number];
  readonly garbled: string;
}

export const intents: fc.Arbitrary<Intent> = fc.record({
  place: fc.nat(30),
  picks: fc.dictionary(fc.constantFrom(...DECIDED), anything, { maxKeys: 3 }),
  keeps: fc.boolean(),
  extras: fc.dictionary(fc.constantFrom(...EXTRAS), anything, { maxKeys: 3 }),
  evidence: fc.oneof(anything, fc.constant(['E1', 'E2', 'E3', 'E99', 'IT-1'])),
  rationale: rationales,
  shape: fc.constantFrom(...SHAPES),
  garbled: fc.oneof(fc.json(), fc.string({ unit: 'binary' })),
});

function said({ place, picks, keeps, extras, shape, garbled, ...rest }: Intent, { answer }: Question): string {
  const fields = answer.flatMap((field) => (field.kind === 'text' || field.name === 'evidence' ? [] : [field]));
  const offered = fields.map(({ name, kind, values }) => {
    const some = values.filter((_, index) => (place >> index) % 2 === 1);
    return [name, kind === 'choice' ? values[place % values.length] : some] as const;
  });
  const text = JSON.stringify({ ...rest, ...extras, ...Object.fromEntries(offered), ...(keeps ? {} : picks) });
  if (shape === 'prose') return `Sure! \`\`\`json\n${text}\n\`\`\` {`;
  if (shape === 'cut') return text.slice(0, place);
  return shape === 'garbled' ? garbled : text;
}

/** Both endpoints are in the same hands. */
export function hostilePorts(intent: Intent): ConsultPorts {
  const complete = async (question: Question): Promise<Reply> => {
    const text = said(intent, question);
    const logprobs = [...text.slice(0, 2_000)].map((token) => ({ token, logprob: -0.01 }));
    return { ...replyWith(null), text, logprobs };
  };
  const at = (endpoint: EndpointName): Model => ({ endpoint, model: 'hostile', complete });
  return {
    endpoints: [at('main'), at('fallback')],
    answers: answersFake(),
    memory: memoryFake(),
    embedder: null,
    finder: null,
    clock: { now: () => new Date('2026-11-22T08:00:00.000Z') },
  };
}
