import type { Evidence } from '../domain/decision/decision.ts';
import type { Playbook } from '../domain/playbook/playbook.ts';
import { fieldOf, partsOf, type Target } from '../domain/playbook/target.ts';
import type { Memory } from '../domain/ports/memory.ts';
import type { Embedder } from '../domain/ports/model.ts';
import type { EditableField, Issue, PastTicket } from '../domain/ticket/issue.ts';
import type { Trial } from '../learning/calibration/trials.ts';
import { recipeOf, trainingTicket } from '../learning/lesson.ts';
import type { LocalModel } from '../learning/linear/model.ts';
import { type PackedModel, trainInThread, unpack } from '../learning/linear/trainer.ts';
import type { Proposal } from '../triage/classify.ts';
import { propose } from '../triage/decide.ts';
import { familyShare, parentOf } from '../triage/judge.ts';

export interface ReplayPorts {
  /** An empty memory for this replay alone. */
  readonly openMemory: () => Memory;
}

/** A classifier and a memory that know one history and nothing later. */
export interface Replay {
  readonly model: LocalModel;
  readonly memory: Memory;
  readonly packed: PackedModel;
  readonly trainingMs: number;
  /** What the service would have proposed for this ticket when it was new. */
  readonly propose: (ticket: PastTicket) => Promise<Replayed>;
}

export interface Replayed {
  /** What it was proposed from. */
  readonly from: Pick<Replay, 'model' | 'memory'>;
  readonly ticket: PastTicket;
  readonly issue: Issue;
  readonly proposals: ReadonlyMap<string, Proposal>;
  readonly evidence: readonly Evidence[];
  readonly retrieveMs: number;
  readonly ms: number;
}

export interface Past {
  readonly history: readonly PastTicket[];
  readonly playbook: Playbook;
  /** Only values that the history has in the ticket's own project may be proposed, as Jira would have it. */
  readonly isPerProject?: boolean;
}

/** Learns one history, in order to judge by it what came later. */
export async function openReplay(past: Past, { openMemory }: ReplayPorts): Promise<Replay> {
  const { history, playbook } = past;
  const startedAt = performance.now();
  const packed = await trainInThread([history.map((ticket) => trainingTicket(ticket, playbook))], recipeOf(playbook));
  const trainingMs = performance.now() - startedAt;
  const model = await unpack(packed.version, packed.bytes);
  const memory = openMemory();
  await memory.put(history);
  const ports = { memory, localModel: () => model };
  const editable = editableFor(past);
  return {
    model,
    memory,
    packed,
    trainingMs,
    propose: async (ticket) => {
      const issue = issueOf(ticket, playbook, editable(ticket));
      const proposedAt = performance.now();
      const { proposals, evidence, retrieveMs } = await propose(issue, playbook, {
        ...ports,
        embedder: embedderOf(ticket),
        contextOf: () => ticket.context,
      });
      const ms = performance.now() - proposedAt;
      return { from: { model, memory }, ticket, issue, proposals, evidence, retrieveMs, ms };
    },
  };
}

/** Replays use the vector a ticket was stored with, and ask no endpoint again. */
function embedderOf({ embedding }: PastTicket): Embedder | null {
  return embedding && { model: embedding.model, embed: async () => [embedding] };
}

/** What a person ended with, as single values; empty where nobody set any. What we wrote and nobody touched is no truth. */
export function truthOf({ values }: PastTicket, target: Target): readonly string[] {
  const truth = Object.hasOwn(values, target.name) ? values[target.name] : undefined;
  return truth?.by === 'human' ? partsOf(target, truth.value) : [];
}

/** The local classifier's proposals for one target compared with what people ended with; none without a truth. */
export function trialsOf(replayed: Replayed, target: Target, playbook: Playbook): Trial[] {
  const proposal = replayed.proposals.get(target.name);
  if (proposal?.rung !== 'local') return [];
  const truth = truthOf(replayed.ticket, target);
  return trialsFrom(proposal, replayed, target).map((trial) => ({
    ...trial,
    family: familyOf(trial.value, truth, { target, playbook, proposal }),
  }));
}

/** Any proposals for one target compared with what people ended with, families left aside; none without a truth. */
export function trialsFrom({ proposed }: Proposal, { from, ticket, evidence }: Replayed, target: Target): Trial[] {
  const truth = truthOf(ticket, target);
  if (truth.length === 0) return [];
  const known = new Set(from.model.targets.get(target.name)?.classes.map(({ value }) => value));
  const [nearest] = [...evidence].sort((one, other) => other.likeness - one.likeness);
  const nearestParts = partsOf(target, nearest?.values[target.name] ?? null);
  return proposed.map(({ value, signals }) => ({
    ticket: ticket.id,
    value,
    signals,
    isRight: truth.includes(value),
    isKnown: truth.some((part) => known.has(part)),
    created: ticket.created,
    likeness: nearest?.likeness ?? 0,
    isNearestRight: nearestParts.some((part) => truth.includes(part)),
    family: null,
  }));
}

interface FamilyContext {
  readonly target: Target;
  readonly playbook: Playbook;
  readonly proposal: Proposal;
}

function familyOf(
  value: string,
  truth: readonly string[],
  { target, playbook, proposal }: FamilyContext,
): Trial['family'] {
  const parent = parentOf(value, target, playbook);
  if (parent === null) return null;
  const inFamily = (other: string) => other === parent || parentOf(other, target, playbook) === parent;
  return {
    share: familyShare(proposal.candidates, parent, (other) => parentOf(other, target, playbook)),
    isRight: truth.some(inFamily),
  };
}

/** The ticket as it was when it was new: without the values that people gave it later. */
function issueOf(ticket: PastTicket, playbook: Playbook, editable: Issue['editable']): Issue {
  const { id, key, project, summary, text, created, securityLevel, context, people } = ticket;
  const decided = new Set(playbook.targets.map(fieldOf));
  const features = new Map(Object.entries(context));
  const reporter = features.get('reporter');
  return {
    id,
    key,
    project,
    summary,
    text,
    created,
    securityLevel,
    people,
    issueType: features.get('issueType') ?? '',
    reporter: reporter === undefined ? null : { accountId: reporter, displayName: reporter },
    labels: [],
    components: decided.has('components') ? [] : (features.get('component')?.split('|') ?? []),
    priority: null,
    assignee: null,
    status: '',
    isFinished: false,
    updated: created,
    resolved: null,
    resolution: null,
    requestType: null,
    organizations: [],
    custom: Object.fromEntries(
      Object.entries(context).filter(([name]) => name.startsWith('customfield_') && !decided.has(name)),
    ),
    editable,
    changes: [],
    isHistoryWhole: true,
    mark: null,
  };
}

/** What Jira would allow: everything, or per project what its history holds. Components are always per project. */
function editableFor({ history, playbook, isPerProject = false }: Past): (ticket: PastTicket) => Issue['editable'] {
  const free = new Map<string, EditableField>(playbook.targets.map((target) => [fieldOf(target), { allowed: null }]));
  const bound = playbook.targets.filter(({ kind }) => kind !== 'label' && (isPerProject || kind === 'component'));
  const byProject = new Map<string, Map<string, EditableField>>();
  for (const [project, tickets] of Map.groupBy(history, (ticket) => ticket.project)) {
    const fields = bound.map((target) => {
      const allowed = new Set(tickets.flatMap((ticket) => truthOf(ticket, target)));
      return [fieldOf(target), { allowed: [...allowed] }] as const;
    });
    byProject.set(project, new Map([...free, ...fields]));
  }
  return ({ project }) => byProject.get(project) ?? free;
}
