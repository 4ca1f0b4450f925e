import { readRows } from '../../../src/adapters/files/rows.ts';
import { processMemory } from '../../../src/adapters/sparse/memory.ts';
import type { Memory } from '../../../src/domain/ports/memory.ts';
import { olderFirst, type PastTicket } from '../../../src/domain/ticket/issue.ts';
import { ticketsOf, VALUE } from '../../../src/evaluation/dataset.ts';
import { wilson } from '../../../src/learning/statistics.ts';
import { evidenceFor } from '../../../src/triage/retrieval/retrieve.ts';
import { resolversFor } from '../../../src/triage/routing/past-resolver.ts';
import { issueWith, playbookWith } from '../../support/fixtures.ts';
import { sharedFile } from '../../support/shared.ts';

interface Interval {
  readonly low: number;
  readonly high: number;
}

/** How often the right person came first, and among the first three; with 95 % intervals. */
export interface ResolverQuality {
  readonly tickets: number;
  readonly first: number;
  readonly firstInterval: Interval;
  readonly amongThree: number;
  readonly amongThreeInterval: Interval;
  /** Whoever finished most of the project's newest tickets, as the plainest guess there is. */
  readonly busiestFirst: number;
  /** Tickets whose person had finished something before: of the others only a reporter can be ranked. */
  readonly knownPerson: number;
}

/**
 * Ranks people on real finished issues, by project in time order, nothing dropped: the first 70 % are history, the last
 * 20 % are judged. `follows`: issues finished meanwhile become history, as they would in a running service.
 */
export async function measureResolvers({ follows }: { readonly follows: boolean }): Promise<ResolverQuality> {
  const tally = { tickets: 0, first: 0, three: 0, busiest: 0, known: 0 };
  for (const project of projects()) {
    const memory = processMemory();
    const start = Math.floor(project.length * 0.7);
    const testStart = Math.floor(project.length * 0.8);
    await memory.put(project.slice(0, start).map(({ ticket }) => ticket));
    const later = follows ? project.slice(start).toSorted((one, other) => one.resolvedMs - other.resolvedMs) : [];
    const people = new Set(project.slice(0, start).map(personOf));
    for (const row of project.slice(testStart)) {
      const createdMs = Date.parse(row.ticket.created);
      while (later[0] && later[0].resolvedMs < createdMs) {
        people.add(personOf(later[0]));
        await memory.put(later.splice(0, 1).map(({ ticket }) => ticket));
      }
      const { ranked, busiest } = await rank(row.ticket, memory);
      tally.tickets += 1;
      tally.first += Number(ranked[0] === personOf(row));
      tally.three += Number(ranked.slice(0, 3).includes(personOf(row)));
      tally.busiest += Number(busiest === personOf(row));
      tally.known += Number(people.has(personOf(row)));
    }
  }
  const { tickets, first, three, busiest, known } = tally;
  return {
    tickets,
    first: first / tickets,
    firstInterval: wilson(first, tickets),
    amongThree: three / tickets,
    amongThreeInterval: wilson(three, tickets),
    busiestFirst: busiest / tickets,
    knownPerson: known / tickets,
  };
}

interface Row {
  readonly ticket: PastTicket;
  readonly resolvedMs: number;
}

/** Issues with a date that somebody fixed, by project in order of creation. */
function projects(): readonly (readonly Row[])[] {
  const rows = readRows(sharedFile('data/tickets/apache-jira.jsonl.gz')).filter(
    (row) => row['created'] && row['y_assignee'] && row['resolution'] === 'Fixed',
  );
  const resolved = new Map(
    rows.map((row) => [String(row['id']), Date.parse(String(row['resolved'] ?? row['created']))]),
  );
  const features = { reporter: 'reporter', component: 'components' };
  const tickets = ticketsOf(rows, { target: 'y_assignee', order: 'created', features });
  const byProject = Map.groupBy(tickets, ({ project }) => project);
  return [...byProject.values()].map((own) =>
    own
      .toSorted(olderFirst)
      .map((ticket) => ({ ticket, resolvedMs: resolved.get(ticket.key) ?? Date.parse(ticket.created) })),
  );
}

function personOf({ ticket }: Row): string {
  return ticket.values[VALUE]?.value ?? '';
}

async function rank(ticket: PastTicket, memory: Memory) {
  const { id, key, project, summary, text, created, context } = ticket;
  const reporter = context['reporter'];
  const issue = issueWith({
    id,
    key,
    project,
    summary,
    text,
    created,
    reporter: reporter === undefined ? null : { accountId: reporter, displayName: reporter },
    components: context['component']?.split('|') ?? [],
  });
  const playbook = playbookWith({ projects: [project], targets: { [VALUE]: { kind: 'assignee' } } });
  const evidence = await evidenceFor({ issue, text: `${summary}\n${text}`, embedding: null }, playbook, { memory });
  const ranked = await resolversFor({ issue, evidence, target: VALUE }, playbook, { memory });
  const plain = await resolversFor(
    { issue: { ...issue, reporter: null, components: [] }, evidence: [], target: VALUE },
    playbook,
    { memory },
  );
  return { ranked: ranked.map(({ person }) => person), busiest: plain[0]?.person };
}
