import type { ModelAccess } from '../adapters/openai/model.ts';
import { ENDPOINTS, type EndpointName } from '../domain/decision/question.ts';
import { MisconfiguredError } from '../domain/errors.ts';
import type { Calibration } from '../domain/playbook/calibration.ts';
import { modelKey, type Playbook } from '../domain/playbook/playbook.ts';
import type { Model } from '../domain/ports/model.ts';
import { modelScoringKey } from '../learning/lesson.ts';
import type { EndpointSettings } from '../settings/env.ts';

/** Gives each endpoint somebody who hears how it fares. */
export type Listening = (at: Pick<Model, 'endpoint' | 'model'>) => Pick<ModelAccess, 'observe' | 'onBreaker'>;

/**
 * The language models that can be asked, in the order they are tried; none without an endpoint in the environment or a
 * `model` in the playbook. Throws `MisconfiguredError` when nobody says which model it is.
 */
export async function openEndpoints(
  settings: EndpointSettings,
  playbook: Playbook,
  listening: Listening = () => ({}),
): Promise<readonly Model[]> {
  const accesses = accessesTo(settings, playbook);
  if (accesses.length === 0) return [];
  // A tenth of a start, and most desks begin without.
  const { openaiModel } = await import('../adapters/openai/model.ts');
  return accesses.map((access) => openaiModel({ ...access, ...listening(access) }));
}

function accessesTo({ endpoints, secrets }: EndpointSettings, playbook: Playbook): readonly ModelAccess[] {
  const keys = { main: secrets.openai, fallback: secrets.fallback };
  return ENDPOINTS.flatMap((endpoint) => {
    const access = endpoints[endpoint];
    const settings = playbook.model?.endpoints[endpoint];
    if (!access || !settings || !playbook.prompts.triage) return [];
    const model = access.model ?? settings.model ?? playbook.prompts.triage.generation.model;
    if (!model) throw unnamed(endpoint, playbook);
    const profile = access.profile ?? settings.profile;
    return [{ endpoint, baseUrl: access.baseUrl, apiKey: keys[endpoint], model, settings: { ...settings, profile } }];
  });
}

/** How many questions the first endpoint takes at once; 0 without one. */
export function askedAtOnce([first]: readonly Model[], { model }: Playbook): number {
  return (first && model?.endpoints[first.endpoint].concurrency) ?? 0;
}

/** Everything in the playbook that `openEndpoints` goes by: the same key, the same endpoints. */
export function endpointsKey({ model, prompts: { triage } }: Playbook): string {
  return JSON.stringify([model?.endpoints, triage && (triage.generation.model ?? '')]);
}

function unnamed(endpoint: EndpointName, { model }: Playbook): MisconfiguredError {
  const variable = endpoint === 'main' ? 'OPENAI_MODEL' : 'FALLBACK_MODEL';
  return new MisconfiguredError([
    `which model is asked at the endpoint "${endpoint}"? Set ${variable}, model.endpoints.${endpoint}.model in playbook.yaml, or generation.model in ${model?.prompt}`,
  ]);
}

/** The calibrations of models' answers that were made with these prompts, this evidence and these very models. */
export function freshModelCalibrations(
  playbook: Playbook,
  endpoints: readonly Model[],
  embedder: string | null,
): ReadonlyMap<string, Calibration> {
  const keys = new Map(endpoints.map(({ endpoint, model }) => [endpoint, modelScoringKey(playbook, model)] as const));
  const isFresh = ({ rung, recipe, embedder: made }: Calibration) =>
    rung !== 'local' && keys.get(rung) === recipe && made === embedder;
  return new Map([...playbook.modelCalibrations].filter(([, calibration]) => isFresh(calibration)));
}

/** Targets that a model is asked about without anybody having measured how often it is right. */
export function uncalibratedModels(playbook: Playbook, endpoints: readonly Model[]): readonly string[] {
  const [first] = endpoints;
  if (!first) return [];
  return playbook.targets.flatMap(({ name, mode, decidedBy }) => {
    const isAsked = mode !== 'off' && decidedBy === 'evidence';
    return isAsked && !playbook.modelCalibrations.has(modelKey(name, first.endpoint)) ? [name] : [];
  });
}
