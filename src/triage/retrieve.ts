import type { Evidence } from '../domain/decision.ts';
import type { Embedding, Issue } from '../domain/issue.ts';
import type { Playbook } from '../domain/playbook.ts';
import type { Embedder, Memory, Neighbour } from '../domain/ports.ts';

export interface Retrieved {
  readonly evidence: readonly Evidence[];
  readonly mode: 'sparse' | 'hybrid';
}

const DAY_MS = 24 * 3600 * 1000;

/**
 * The past tickets most like this one: from the playbook's projects, never the issue itself, never one created after
 * it, nothing restricted from another project. Without an embedder retrieval is sparse, and says so.
 */
export async function retrieve(
  issue: Issue,
  playbook: Playbook,
  ports: { readonly memory: Memory; readonly embedder: Embedder | null },
): Promise<Retrieved> {
  const text = `${issue.summary}\n${issue.text}`;
  const embedding = await embed(text, ports.embedder);
  const neighbours = await ports.memory.nearest({
    text,
    embedding,
    keywordWeight: playbook.retrieval.keywordWeight,
    limit: playbook.retrieval.topK,
    projects: playbook.projects,
    readerProject: issue.project,
    excludeId: issue.id,
    before: issue.created,
  });
  const evidence = neighbours.map((neighbour) => toEvidence(neighbour, issue, playbook.retrieval.recencyHalfLifeDays));
  return {
    evidence: evidence.sort((left, right) => right.similarity - left.similarity),
    mode: embedding ? 'hybrid' : 'sparse',
  };
}

async function embed(text: string, embedder: Embedder | null): Promise<Embedding | null> {
  return (await embedder?.embed([text]))?.[0] ?? null;
}

function toEvidence({ ticket, similarity }: Neighbour, issue: Issue, halfLifeDays: number | undefined): Evidence {
  const ageDays = (Date.parse(issue.created) - Date.parse(ticket.created)) / DAY_MS;
  return {
    id: ticket.id,
    key: ticket.key,
    summary: ticket.summary,
    similarity: halfLifeDays ? similarity * 0.5 ** (ageDays / halfLifeDays) : similarity,
    isRestricted: ticket.securityLevel !== null,
    values: Object.fromEntries(Object.entries(ticket.values).map(([target, { value }]) => [target, value])),
  };
}
