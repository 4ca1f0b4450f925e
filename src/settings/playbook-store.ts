import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ENDPOINTS } from '../domain/decision/question.ts';
import { MisconfiguredError } from '../domain/errors.ts';
import { type Calibration, CalibrationSchema } from '../domain/playbook/calibration.ts';
import type { Fault } from '../domain/playbook/fault.ts';
import {
  modelKey,
  type Playbook,
  type PlaybookFile,
  PlaybookFileSchema,
  type Taxonomy,
  TaxonomySchema,
} from '../domain/playbook/playbook.ts';
import { type Prompt, PromptFileSchema } from '../domain/playbook/prompt.ts';
import type { Target } from '../domain/playbook/target.ts';
import { type Teams, TeamsSchema } from '../domain/playbook/teams.ts';
import { templateFaults } from '../prompt/template.ts';
import { calibrationPath, crossFaults } from './playbook-faults.ts';
import { ConfigFiles } from './playbook-files.ts';

const NO_TEAMS: Teams = TeamsSchema.parse({ teams: {} });

export interface LoadedPlaybook {
  readonly playbook: Playbook;
  /** Says a fault found later as those found here are said, with its line. */
  readonly tell: (fault: Fault) => string;
}

/** The playbook alone, as `readPlaybook` reads it. */
export function loadPlaybook(folder: string, gitCommit: string | null): Playbook {
  return readPlaybook(folder, gitCommit).playbook;
}

/**
 * Reads all of `config/` into one playbook. Throws `MisconfiguredError` with every fault of every file, each as
 * `file:line path: what was expected`.
 */
export function readPlaybook(folder: string, gitCommit: string | null): LoadedPlaybook {
  const files = new ConfigFiles(folder);
  const main = files.read('playbook.yaml', PlaybookFileSchema);
  const teams = existsSync(join(folder, 'teams.yaml')) ? files.read('teams.yaml', TeamsSchema) : NO_TEAMS;
  const { taxonomies, calibrations, modelCalibrations } = readTargets(main?.targets ?? {}, folder, files);
  const prompts = readPrompts(main, files);
  if (!main || !teams || files.faults.length > 0) throw new MisconfiguredError(files.faults);
  const targets: Target[] = Object.entries(main.targets).map(([name, target]) => ({ ...target, name }));
  const playbook: Playbook = {
    ...main,
    targets,
    taxonomies,
    teams,
    calibrations,
    modelCalibrations,
    prompts,
    revision: revisionOf(folder, gitCommit, files.hash()),
  };
  for (const fault of crossFaults(playbook)) files.add(fault);
  if (files.faults.length > 0) throw new MisconfiguredError(files.faults);
  return { playbook, tell: (fault) => files.tell(fault) };
}

/** What lies in files of its own for each target. */
function readTargets(targets: PlaybookFile['targets'], folder: string, files: ConfigFiles) {
  const taxonomies = new Map<string, Taxonomy>();
  const calibrations = new Map<string, Calibration>();
  const modelCalibrations = new Map<string, Calibration>();
  const calibrationOf = (name: string) => {
    const path = calibrationPath(name);
    return existsSync(join(folder, path)) ? files.read(path, CalibrationSchema) : null;
  };
  for (const [name, { values }] of Object.entries(targets)) {
    const taxonomy = values === undefined ? null : files.read(values, TaxonomySchema);
    if (taxonomy) taxonomies.set(name, taxonomy);
    const calibration = calibrationOf(name);
    if (calibration) calibrations.set(name, calibration);
    for (const key of ENDPOINTS.map((endpoint) => modelKey(name, endpoint))) {
      const measured = calibrationOf(key);
      if (measured) modelCalibrations.set(key, measured);
    }
  }
  return { taxonomies, calibrations, modelCalibrations };
}

/** The prompts the playbook names, each with the fingerprint of its file. */
function readPrompts(main: PlaybookFile | null, files: ConfigFiles): Playbook['prompts'] {
  const promptAt = (path: string | null | undefined): Prompt | null => {
    const file = path ? files.read(path, PromptFileSchema) : null;
    if (!path || !file) return null;
    for (const why of templateFaults(file.user)) files.add({ file: path, path: ['user'], why });
    return { ...file, hash: files.hashOf(path) };
  };
  const { hyde, rerank, rerankPrompt } = main?.retrieval ?? {};
  return {
    triage: promptAt(main?.model?.prompt),
    hyde: promptAt(main?.model && hyde),
    rerank: promptAt(main?.model && rerank === 'model' ? rerankPrompt : null),
  };
}

function revisionOf(folder: string, gitCommit: string | null, contentHash: string): string {
  const commit = gitCommit ?? commitOf(folder);
  return commit ? `${commit.slice(0, 8)}-${contentHash}` : contentHash;
}

/** The commit that last touched the folder, null where there is no Git or no repository. */
function commitOf(folder: string): string | null {
  try {
    return (
      execFileSync('git', ['-C', folder, 'log', '-1', '--format=%H', '--', '.'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim() || null
    );
  } catch {
    // Not every place has Git; the content hash identifies the playbook anyway.
    return null;
  }
}
