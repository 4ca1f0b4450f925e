import type { Evidence } from '../../domain/decision/decision.ts';
import type { Playbook } from '../../domain/playbook/playbook.ts';
import type { Neighbour, Recall } from '../../domain/ports/memory.ts';
import type { Embedder } from '../../domain/ports/model.ts';
import { type TextOf, wholeText } from '../../domain/ticket/embedding.ts';
import type { Embedding, Issue, TrueValue } from '../../domain/ticket/issue.ts';
import { isOutage } from './outage.ts';

export interface Retrieved {
  readonly evidence: readonly Evidence[];
  /** `degraded`: vectors were wanted, but the endpoint did not give one. */
  readonly mode: 'sparse' | 'hybrid' | 'degraded';
}

export interface RetrievePorts {
  readonly memory: Pick<Recall, 'nearest'>;
  readonly embedder: Embedder | null;
  /** What of an issue is embedded; all its words when absent. */
  readonly textOf?: TextOf;
}

const DAY_MS = 24 * 3600 * 1000;

/**
 * The past tickets most like this one: from the playbook's projects but for restricted ones, except its own; never the
 * issue itself, never one created after it, none with a security level but the issue's own. Without an embedder retrieval is sparse, and says so.
 */
export async function retrieve(issue: Issue, playbook: Playbook, ports: RetrievePorts): Promise<Retrieved> {
  const text = wholeText(issue);
  const embedder = playbook.retrieval.mode === 'keyword' ? null : ports.embedder;
  const embedding = await embed((ports.textOf ?? wholeText)(issue), embedder);
  return {
    evidence: await evidenceFor({ issue, text, embedding }, playbook, ports),
    mode: modeOf(embedder, embedding),
  };
}

export interface Search {
  readonly issue: Issue;
  /** What is looked for, usually the issue's own words. */
  readonly text: string;
  readonly embedding: Embedding | null;
}

/** The past tickets most like a text, of those that may be evidence for the issue; most alike first. */
export async function evidenceFor(
  { issue, text, embedding }: Search,
  playbook: Playbook,
  { memory }: { readonly memory: Pick<Recall, 'nearest'> },
): Promise<Evidence[]> {
  const { mode, keywordWeight, topK, similarityThreshold, recencyHalfLifeDays } = playbook.retrieval;
  const neighbours = await memory.nearest({
    text,
    embedding,
    keywordWeight: mode === 'vector' ? 0 : keywordWeight,
    limit: topK,
    projects: projectsFor(issue, playbook),
    readerProject: issue.project,
    readerLevel: issue.securityLevel,
    excludeId: issue.id,
    before: issue.created,
  });
  const setting = { issue, playbook, halfLifeDays: recencyHalfLifeDays, from: similarFrom(playbook) };
  return neighbours
    .filter(({ likeness, similarity }) => likeness >= similarityThreshold && (mode !== 'vector' || similarity > 0))
    .map((neighbour) => toEvidence(neighbour, setting))
    .sort((left, right) => right.similarity - left.similarity);
}

/** Whose tickets may be evidence for this one: those of its own project, and of all that are not restricted. */
function projectsFor({ project }: Issue, { projects, restrictedProjects }: Playbook): readonly string[] {
  return projects.filter((other) => other === project || !restrictedProjects.includes(other));
}

/** An embeddings outage costs quality, never a ticket: without a vector keywords decide, and the decision says so. */
async function embed(text: string, embedder: Embedder | null): Promise<Embedding | null> {
  try {
    return (await embedder?.embed([text]))?.[0] ?? null;
  } catch (error) {
    if (isOutage(error)) return null;
    throw error;
  }
}

function modeOf(embedder: Embedder | null, embedding: Embedding | null): Retrieved['mode'] {
  if (embedder === null) return 'sparse';
  return embedding === null ? 'degraded' : 'hybrid';
}

/**
 * Where likeness starts to mean "the same thing": the strictest of what the calibrations measured, for that depends on
 * the desk and on the embedder. Null without any.
 */
function similarFrom({ calibrations }: Playbook): number | null {
  const measured = [...calibrations.values()].flatMap((calibration) => calibration.similarFrom ?? []);
  return measured.length === 0 ? null : Math.max(...measured);
}

interface Setting {
  readonly issue: Issue;
  readonly playbook: Playbook;
  readonly halfLifeDays: number | undefined;
  readonly from: number | null;
}

function toEvidence(
  { ticket, similarity, likeness }: Neighbour,
  { issue, playbook, halfLifeDays, from }: Setting,
): Evidence {
  const ageDays = (Date.parse(issue.created) - Date.parse(ticket.created)) / DAY_MS;
  return {
    id: ticket.id,
    key: ticket.key,
    summary: ticket.summary,
    similarity: halfLifeDays ? similarity * 0.5 ** (ageDays / halfLifeDays) : similarity,
    likeness,
    isRestricted: ticket.securityLevel !== null || playbook.restrictedProjects.includes(ticket.project),
    isSimilar: from !== null && likeness >= from,
    resolution: ticket.resolution,
    ...valuesOf(ticket),
  };
}

/** Apart from what people stand behind: of values that we wrote and nobody touched, only votes may make a little. */
function valuesOf({ values }: Neighbour['ticket']): Pick<Evidence, 'values' | 'weakValues'> {
  const by: Record<TrueValue['by'], Record<string, string>> = { human: {}, machine: {} };
  for (const [target, truth] of Object.entries(values)) by[truth.by][target] = truth.value;
  return { values: by.human, ...(Object.keys(by.machine).length > 0 ? { weakValues: by.machine } : {}) };
}
