import type { Playbook } from '../domain/playbook.ts';
import type { Model } from '../domain/ports.ts';
import { prepareEnrichers } from '../enrich/enrich.ts';
import { scoringKey } from '../learning/lesson.ts';
import type { Settings } from '../settings/env.ts';
import { loadPlaybook } from '../settings/playbook-store.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { freshModelCalibrations, openEndpoints, uncalibratedModels } from './endpoints.ts';

/** The playbook as it holds here, and who is asked by it. */
export interface Rulebook {
  /** Language models, in the order they are tried. */
  readonly endpoints: readonly Model[];
  readonly loaded: Playbook;
  /** Without calibrations that were made with vectors of another model than the one past tickets are searched with. */
  readonly playbookFor: (embedder: string | null) => Playbook;
}

/** Reads the playbook and opens the endpoints that it and the environment name. */
export async function openPlaybook(settings: Settings, metrics: Metrics): Promise<Rulebook> {
  const loaded = loadPlaybook(settings.configFolder, settings.gitCommit);
  const endpoints = openEndpoints(settings, loaded, (endpoint, { result, ms }) =>
    metrics.modelCalls.observe({ endpoint, result }, ms / 1000),
  );
  if (endpoints.length > 0) await prepareEnrichers(loaded.plugins);
  metrics.playbook.set({ revision: loaded.revision }, 1);
  const known = new Map<string | null, Playbook>();
  const playbookFor = (embedder: string | null) => {
    const playbook = known.get(embedder) ?? withoutStale(loaded, embedder, endpoints);
    known.set(embedder, playbook);
    return playbook;
  };
  return { loaded, playbookFor, endpoints };
}

/** What nobody has measured yet. */
export function unmeasured(playbook: Playbook, endpoints: readonly Model[]) {
  return { uncalibrated: uncalibrated(playbook), uncalibratedModels: uncalibratedModels(playbook, endpoints) };
}

/** The playbook without calibrations that were made for other features, retrieval or vectors: they promise nothing here. */
function withoutStale(playbook: Playbook, embedder: string | null, endpoints: readonly Model[]): Playbook {
  const key = scoringKey(playbook);
  const fresh = [...playbook.calibrations].filter(([, made]) => made.recipe === key && made.embedder === embedder);
  const modelCalibrations = freshModelCalibrations(playbook, endpoints, embedder);
  return { ...playbook, calibrations: new Map(fresh), modelCalibrations };
}

/** Targets that would be written from past tickets, if only somebody had measured how often that is right. */
function uncalibrated({ targets, calibrations }: Playbook): readonly string[] {
  return targets.flatMap(({ name, mode, decidedBy, targetPrecision }) => {
    const acts = (mode === 'auto' || mode === 'suggest') && decidedBy === 'evidence' && targetPrecision > 0;
    return acts && !calibrations.has(name) ? [name] : [];
  });
}
