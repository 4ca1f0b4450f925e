import { calendarFaults } from '../../adapters/calendar/read.ts';
import { MisconfiguredError } from '../../domain/errors.ts';
import type { Calibration } from '../../domain/playbook/calibration.ts';
import type { Fault } from '../../domain/playbook/fault.ts';
import type { Playbook } from '../../domain/playbook/playbook.ts';
import type { Model } from '../../domain/ports/model.ts';
import { prepareEnrichers } from '../../enrich/enrich.ts';
import { scoringKey } from '../../learning/lesson.ts';
import type { EndpointSettings, Settings } from '../../settings/env.ts';
import { type LoadedPlaybook, readPlaybook } from '../../settings/playbook-store.ts';
import { settledChange } from '../../settings/playbook-watch.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { modelListener } from '../../telemetry/observe/model.ts';
import { NO_TRACING, type Tracing } from '../../telemetry/tracing/steps.ts';
import {
  endpointsKey,
  freshModelCalibrations,
  type Listening,
  openEndpoints,
  uncalibratedModels,
} from '../endpoints.ts';

/** One state of `config/`, and what was opened for it. */
export interface Edition {
  readonly playbook: Playbook;
  /** Language models, in the order they are tried. */
  readonly endpoints: readonly Model[];
  /** Says a fault with its line. */
  readonly tell: (fault: Fault) => string;
  /** Without calibrations that were made with vectors of another model than the one past tickets are searched with. */
  readonly playbookFor: (embedder: string | null) => Playbook;
}

/** The playbook as it holds here, and how another takes its place. */
export interface Rulebook {
  readonly current: () => Edition;
  /** Whether the files changed since they were last read here, and have come to rest. */
  readonly isChanged: () => boolean;
  /** Reads `config/` and opens what it needs; nothing holds yet. Throws `MisconfiguredError` with every fault. */
  readonly prepare: () => Promise<Edition>;
  /** From now on this one holds. */
  readonly swap: (edition: Edition) => void;
}

export type PlaybookSettings = Pick<Settings, 'configFolder' | 'gitCommit'> & EndpointSettings;

/** Reads the playbook and opens the endpoints that it and the environment name. */
export async function openPlaybook(
  settings: PlaybookSettings,
  metrics: PlaybookMetrics,
  tracing: Tracing = NO_TRACING,
): Promise<Rulebook> {
  // Before the files are read: what changes in between is seen as a change.
  const isChanged = settledChange(settings.configFolder);
  const listening: Listening = (at) => modelListener(at, { metrics, tracing });
  let current = await prepareEdition(settings, listening, null);
  const swap = (edition: Edition) => {
    current = edition;
    metrics.playbook.reset();
    metrics.playbook.set({ revision: edition.playbook.revision }, 1);
  };
  swap(current);
  return {
    current: () => current,
    isChanged,
    prepare: () => prepareEdition(settings, listening, current),
    swap,
  };
}

type PlaybookMetrics = Pick<Metrics, 'modelCalls' | 'modelBreaker' | 'playbook'>;

async function prepareEdition(
  settings: PlaybookSettings,
  listening: Listening,
  before: Edition | null,
): Promise<Edition> {
  const { playbook, tell } = await readChecked(settings.configFolder, settings.gitCommit);
  // What is known of a server that fails stays known as long as nothing about the endpoints changes.
  const isSame = before !== null && endpointsKey(before.playbook) === endpointsKey(playbook);
  const endpoints = isSame ? before.endpoints : await openEndpoints(settings, playbook, listening);
  if (endpoints.length > 0) await prepareEnrichers(playbook.plugins);
  return { playbook, endpoints, tell, playbookFor: freshFor(playbook, endpoints) };
}

/** Reads `config/` with the calendars in it. Throws `MisconfiguredError` with every fault. */
export async function readChecked(folder: string, gitCommit: string | null): Promise<LoadedPlaybook> {
  const loaded = readPlaybook(folder, gitCommit);
  const faults = await calendarFaults(loaded.playbook.teams, folder);
  if (faults.length > 0)
    throw new MisconfiguredError(faults.map((fault) => loaded.tell({ file: 'teams.yaml', ...fault })));
  return loaded;
}

/** What nobody has measured yet. */
export function unmeasured(playbook: Playbook, endpoints: readonly Model[]) {
  return { uncalibrated: uncalibrated(playbook), uncalibratedModels: uncalibratedModels(playbook, endpoints) };
}

function freshFor(playbook: Playbook, endpoints: readonly Model[]): Edition['playbookFor'] {
  const known = new Map<string | null, Playbook>();
  return (embedder) => {
    const fresh = known.get(embedder) ?? withoutStale(playbook, embedder, endpoints);
    known.set(embedder, fresh);
    return fresh;
  };
}

/** The playbook without calibrations that were made for other features, retrieval or vectors: they promise nothing here. */
function withoutStale(playbook: Playbook, embedder: string | null, endpoints: readonly Model[]): Playbook {
  const key = scoringKey(playbook);
  const isFresh = ({ recipe, embedder: made }: Calibration) => recipe === key && made === embedder;
  const calibrations = new Map([...playbook.calibrations].filter(([, calibration]) => isFresh(calibration)));
  return { ...playbook, calibrations, modelCalibrations: freshModelCalibrations(playbook, endpoints, embedder) };
}

/** Targets that would be written from past tickets, if only somebody had measured how often that is right. */
function uncalibrated({ targets, calibrations }: Playbook): readonly string[] {
  return targets.flatMap(({ name, mode, decidedBy, targetPrecision }) => {
    const acts = (mode === 'auto' || mode === 'suggest') && decidedBy === 'evidence' && targetPrecision > 0;
    return acts && !calibrations.has(name) ? [name] : [];
  });
}
