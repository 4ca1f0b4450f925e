import type { Decision } from '../domain/decision/decision.ts';
import type { Playbook } from '../domain/playbook/playbook.ts';
import { readValue } from '../domain/playbook/target.ts';
import type { Recall } from '../domain/ports/memory.ts';
import { contextOf } from '../domain/ticket/context.ts';
import { inputHash } from '../domain/ticket/input-hash.ts';
import type { Issue } from '../domain/ticket/issue.ts';
import type { LocalModel } from '../learning/linear/model.ts';
import { classify, vectorOf } from './classify.ts';
import { isInControlGroup } from './control-group.ts';
import { judge } from './judge.ts';
import { type Consulted, type ConsultPorts, consult } from './ladder/consult.ts';
import { outlasting } from './retrieval/outage.ts';
import { type RetrievePorts, retrieve } from './retrieval/retrieve.ts';
import { route } from './route.ts';
import type { RoutePorts } from './routing/ports.ts';
import { applyRules } from './rules.ts';

export interface DecidePorts extends ConsultPorts, RetrievePorts, RoutePorts {
  readonly memory: Recall;
  /** The local classifier as it is now, null before the first training. */
  readonly localModel: () => LocalModel | null;
}

/** Which decision is to be made. */
export interface DecisionRequest {
  readonly deliveryId: string;
  readonly attempt: number;
  /** How often this attempt was decided before, because the ticket changed before it was written. */
  readonly round: number;
  /** Even people's values may be replaced. */
  readonly overridesHumans: boolean;
}

/** The id of a decision: the same request gets the same one. */
export function decisionIdOf({ deliveryId, attempt, round }: DecisionRequest): string {
  return round === 0 ? `${deliveryId}-${attempt}` : `${deliveryId}-${attempt}.${round}`;
}

/** Rules, what past tickets say, a model where that is not clear; whether it is sure enough; who takes it. Reads Jira, never writes to it. */
export async function decide(
  issue: Issue,
  playbook: Playbook,
  { delivery, memory: whole, ...others }: DecidePorts & { readonly delivery: DecisionRequest },
): Promise<Decision> {
  const memory = outlasting(whole);
  const ports = { ...others, memory };
  const startedAt = performance.now();
  const id = decisionIdOf(delivery);
  const isControl = isInControlGroup(issue.id, playbook.controlGroup);
  const seen = delivery.overridesHumans ? asIfOurs(issue, playbook) : issue;
  const draft = await propose(seen, playbook, ports);
  const { evidence, mode, model, unknownWords, retrieveMs } = draft;
  const { proposals, asked, degradedBecause } = memory.trouble()
    ? alone(draft)
    : await consult({ issue: seen, ...draft }, playbook, ports);
  const decided = judge(proposals, seen, playbook);
  const routeStartedAt = performance.now();
  // By delivery and not by decision: a ticket that is decided again because it changed costs nobody a second turn.
  const key = isControl ? null : delivery.deliveryId;
  const routed = await route({ issue: seen, evidence, decided, key }, playbook, ports);
  const endedAt = performance.now();
  const timingsMs = { retrieve: retrieveMs, model: asked?.ms ?? 0, route: endedAt - routeStartedAt };
  return {
    id,
    deliveryId: delivery.deliveryId,
    issueId: issue.id,
    issueKey: issue.key,
    revision: playbook.revision,
    inputHash: inputHash(issue),
    round: delivery.round,
    isControl,
    overridesHumans: delivery.overridesHumans,
    unknownWords,
    model: model?.version ?? null,
    decidedAt: ports.clock.now().toISOString(),
    verdicts: Object.fromEntries([...decided, ...routed.verdicts]),
    evidence: [...evidence],
    routing: routed.routing,
    burst: null,
    retrieval: memory.trouble() ? 'degraded' : mode,
    asked,
    ...degradation(mode, [memory.trouble(), degradedBecause]),
    timingsMs: { ...timingsMs, total: endedAt - startedAt },
  };
}

/** The ticket as if we had set whatever it holds: then nothing of it is a person's. */
function asIfOurs(issue: Issue, { targets, revision }: Playbook): Issue {
  const held = targets.flatMap((target) => {
    const value = target.mode === 'off' ? null : readValue(target, issue);
    return value === null ? [] : [[target.name, value] as const];
  });
  return { ...issue, mark: { decisionId: '', revision, at: issue.updated, values: Object.fromEntries(held) } };
}

/** Without past tickets a model would answer another question than its calibration was measured on. */
function alone({ proposals }: Pick<Consulted, 'proposals'>): Consulted {
  return { proposals, asked: null, degradedBecause: null };
}

function degradation(
  mode: Decision['retrieval'],
  [forgetful, silent]: readonly [string | null, string | null],
): Pick<Decision, 'degraded' | 'degradedBecause'> {
  const vectorless = mode === 'degraded' && forgetful === null ? 'the embeddings endpoint gave no vector' : null;
  const reasons = new Set([vectorless, forgetful, silent].filter((reason) => reason !== null));
  return { degraded: reasons.size > 0, degradedBecause: [...reasons].join('; ') || null };
}

/**
 * The first half of a decision: what rules and past tickets propose, before anyone asks whether it is sure enough.
 * Replays say themselves what a ticket had beyond text when it was new.
 */
export async function propose(
  issue: Issue,
  playbook: Playbook,
  ports: Pick<DecidePorts, 'memory' | 'embedder' | 'textOf' | 'localModel'> & { readonly contextOf?: typeof contextOf },
) {
  const startedAt = performance.now();
  const ruled = applyRules(issue, playbook.rules);
  const { evidence, mode } = await retrieve(issue, playbook, ports);
  const retrieveMs = performance.now() - startedAt;
  const model = ports.localModel();
  const features = playbook.classify.features.filter((name) => name.startsWith('customfield_'));
  const context = (ports.contextOf ?? contextOf)(issue, features);
  const vector = model && vectorOf(issue, playbook, { model, context });
  const proposals = classify(issue, playbook, { ruled, evidence, model, vector });
  return { proposals, evidence, mode, model, unknownWords: vector && 1 - vector.known, retrieveMs };
}
