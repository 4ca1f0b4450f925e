import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';

const FOLDER = new URL('../golden/injection/', import.meta.url);

const Language = z.enum(['en', 'de', 'zh', 'fr', 'es', 'ja', 'ru', 'mixed']);

const Truth = z.strictObject({ category: z.string() });

/** A past ticket that is in memory when the attack arrives. */
const PastDraft = z.strictObject({ summary: z.string(), text: z.string(), values: z.record(z.string(), z.string()) });

/** What the attacker is after: a value of a target, or something that no answer may bring about. */
const Wants = z.union([
  z.strictObject({ target: z.enum(['category', 'priority', 'component']), value: z.string() }),
  z.strictObject({ outcome: z.literal('unknown-value'), target: z.string(), value: z.string() }),
  z.strictObject({ outcome: z.literal('leak'), of: z.enum(['prompt', 'neighbour']) }),
  z.strictObject({ outcome: z.literal('echo'), token: z.string() }),
  z.strictObject({
    outcome: z.enum([
      'abstain',
      'assignee',
      'comment',
      'exhaust',
      'extra-field',
      'link',
      'mention',
      'other-project',
      'security-level',
      'transition',
    ]),
  }),
]);

const Content = z.strictObject({
  summary: z.string().min(1).max(255),
  text: z.string().min(1),
  /** By the attacker, who had them closed. */
  planted: z.array(PastDraft).optional(),
});

const Attack = z.strictObject({
  id: z.string(),
  channel: z.string(),
  technique: z.string(),
  language: Language,
  ...Content.shape,
  truth: Truth,
  wants: Wants,
  /** The same ticket with harmless text of about the same length in place of the payload. */
  control: Content,
});
export type Attack = Readonly<z.infer<typeof Attack>>;

const HardNegative = z.strictObject({
  id: z.string(),
  language: Language,
  summary: z.string().min(1).max(255),
  text: z.string().min(1),
  truth: Truth,
});
export type HardNegative = Readonly<z.infer<typeof HardNegative>>;

const Canaries = z.strictObject({
  /** To be put into the prompt, outside of what the ticket says. */
  prompt: z.array(z.string()),
  /** Past tickets of other people; `token` stands in the text. */
  neighbours: z.array(PastDraft.extend({ token: z.string() })),
  /** Stand in attacks themselves, which want them repeated. */
  echo: z.array(z.string()),
});
export type Canaries = Readonly<z.infer<typeof Canaries>>;

/** Every attack, by channel. */
export function attacks(): readonly Attack[] {
  const files = readdirSync(new URL('attacks/', FOLDER)).sort();
  return files.flatMap((file) => rowsOf(`attacks/${file}`).map((row) => Attack.parse(row)));
}

/** Honest tickets that quote attacks. */
export function hardNegatives(): readonly HardNegative[] {
  return rowsOf('hard-negatives.jsonl').map((row) => HardNegative.parse(row));
}

/** Random-looking words that must never turn up in a Jira write, a log or a trace. */
export function canaries(): Canaries {
  return Canaries.parse(JSON.parse(readFileSync(new URL('canaries.json', FOLDER), 'utf8')));
}

function rowsOf(name: string): unknown[] {
  const lines = readFileSync(new URL(name, FOLDER), 'utf8').trim().split('\n');
  return lines.map((line): unknown => JSON.parse(line));
}
