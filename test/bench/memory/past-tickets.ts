import { existsSync } from 'node:fs';
import { z } from 'zod';
import { readRows } from '../../../src/adapters/files/rows.ts';
import type { PastTicket } from '../../../src/domain/ticket/issue.ts';
import { deskTickets } from '../../support/desk.ts';
import { sharedFile } from '../../support/shared.ts';
import { seeded } from '../many-tickets.ts';

interface Words {
  readonly summary: string;
  readonly text: string;
}

const Row = z.object({ title: z.string(), body: z.string() });
/** Shorter ones would make the figures too good. */
const LEAST_LETTERS = 200;
const HOUR_MS = 3_600_000;
const FIRST_MS = Date.UTC(2016, 0, 1);

/** Where texts come from: real Jira issues where they are at hand, else the invented desk's tickets. */
export const SOURCE: readonly Words[] = sourceTexts();

function sourceTexts(): readonly Words[] {
  const path = sharedFile('data/tickets/apache-jira.jsonl.gz');
  if (!existsSync(path)) return deskTickets().history.map(({ summary, description: text }) => ({ summary, text }));
  return [...readRows(path)]
    .flatMap((row) => Row.safeParse(row).data ?? [])
    .filter(({ body }) => body.length >= LEAST_LETTERS)
    .map(({ title: summary, body: text }) => ({ summary, text }));
}

/** Endless different texts: the first half of one, the second half of another. The same number, the same text. */
export function wordsOf(number: number): Words {
  const random = seeded(number);
  const pick = () => SOURCE[Math.floor(random() * SOURCE.length)] ?? { summary: '', text: '' };
  const [one, other] = [pick(), pick()];
  return { summary: `${one.summary} ${number}`, text: `${halfOf(one.text, 0)} ${halfOf(other.text, 1)}` };
}

function halfOf(text: string, half: 0 | 1): string {
  const words = text.split(' ');
  const middle = words.length >> 1;
  return (half === 0 ? words.slice(0, middle) : words.slice(middle)).join(' ');
}

/** A finished ticket; one in five is of another project, one in fifty is restricted. */
export function pastTicket(number: number): Omit<PastTicket, 'embedding'> {
  return {
    id: String(100_000 + number),
    key: `IT-${number}`,
    project: number % 5 === 0 ? 'HR' : 'IT',
    ...wordsOf(number),
    created: new Date(FIRST_MS + number * HOUR_MS).toISOString(),
    securityLevel: number % 50 === 7 ? 'Board' : null,
    resolution: 'Done',
    people: ['Kim Lee', 'Ann Roe'],
    context: { reporter: `user-${number % 900}`, component: `part-${number % 30}` },
    values: {
      category: { value: `kind-${number % 12}`, by: 'human' },
      assignee: { value: `agent-${number % 40}`, by: 'human' },
    },
  };
}
