import { readRows } from '../../src/adapters/files/rows.ts';
import { ticketsOf, VALUE } from '../../src/evaluation/dataset.ts';

/** One ticket of a replayed set; `truth` is what the desk ended with. */
export interface ReplayTicket {
  readonly summary: string;
  readonly description: string;
  readonly reporter: string;
  readonly truth: string;
}

const REPORTER = ['caller', 'reporter', 'Reporter'];

/** Reads a ticket set in its own order; tickets without a value for the target are left out. */
export function readTickets(path: string, target: string): readonly ReplayTicket[] {
  const rows = readRows(path);
  const reporter = REPORTER.find((field) => rows.some((row) => Object.hasOwn(row, field)));
  const features = reporter === undefined ? {} : { reporter };
  return ticketsOf(rows, { target, order: 'file', features }).map(({ summary, text, context, values }) => ({
    summary: summary.slice(0, 250) || '(no summary)',
    description: text,
    reporter: context['reporter'] ?? 'unknown',
    truth: values[VALUE]?.value ?? '',
  }));
}
