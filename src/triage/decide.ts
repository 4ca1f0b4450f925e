import { createHash } from 'node:crypto';
import { contextOf } from '../domain/context.ts';
import type { Decision } from '../domain/decision.ts';
import type { Issue } from '../domain/issue.ts';
import type { Playbook } from '../domain/playbook.ts';
import type { LocalModel } from '../learning/linear/model.ts';
import { classify } from './classify.ts';
import { judge } from './judge.ts';
import { type ConsultPorts, consult } from './ladder/consult.ts';
import { type RetrievePorts, retrieve } from './retrieve.ts';
import { route } from './route.ts';
import { applyRules } from './rules.ts';

export interface DecidePorts extends ConsultPorts, RetrievePorts {
  /** The local classifier as it is now, null before the first training. */
  readonly localModel: () => LocalModel | null;
}

/** Rules, what past tickets say, a model where that is not clear; whether it is sure enough; who takes it. Reads, never writes. */
export async function decide(
  issue: Issue,
  playbook: Playbook,
  {
    delivery,
    ...ports
  }: DecidePorts & { readonly delivery: { readonly deliveryId: string; readonly attempt: number } },
): Promise<Decision> {
  const startedAt = performance.now();
  const draft = await propose(issue, playbook, ports);
  const { evidence, mode, model, retrieveMs } = draft;
  const { proposals, asked, degradedBecause } = await consult({ issue, ...draft }, playbook, ports);
  const judged = judge(proposals, issue, playbook);
  const { routing, verdicts: routed } = route(judged, { issue, evidence }, playbook);
  return {
    id: `${delivery.deliveryId}-${delivery.attempt}`,
    deliveryId: delivery.deliveryId,
    issueId: issue.id,
    issueKey: issue.key,
    revision: playbook.revision,
    inputHash: inputHash(issue),
    model: model?.version ?? null,
    decidedAt: ports.clock.now().toISOString(),
    verdicts: Object.fromEntries([...judged, ...routed]),
    evidence: [...evidence],
    routing,
    burst: null,
    retrieval: mode,
    asked,
    ...degradation(mode, degradedBecause),
    timingsMs: { retrieve: retrieveMs, model: asked?.ms ?? 0, total: performance.now() - startedAt },
  };
}

function degradation(mode: Decision['retrieval'], why: string | null): Pick<Decision, 'degraded' | 'degradedBecause'> {
  const reasons = [
    ...(mode === 'degraded' ? ['the embeddings endpoint gave no vector'] : []),
    ...(why === null ? [] : [why]),
  ];
  return { degraded: reasons.length > 0, degradedBecause: reasons.join('; ') || null };
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
  const proposals = classify(issue, playbook, { ruled, evidence, model, context });
  return { proposals, evidence, mode, model, retrieveMs };
}

/** A fingerprint of what people write into a ticket; labels, components and custom fields are what we may write ourselves. */
export function inputHash({ project, issueType, summary, text, reporter }: Issue): string {
  return createHash('sha256')
    .update(JSON.stringify([project, issueType, summary, text, reporter?.accountId]))
    .digest('hex')
    .slice(0, 32);
}
