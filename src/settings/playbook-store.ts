import { execFileSync } from 'node:child_process';
import { createHash, hash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Document, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { type Calibration, CalibrationSchema } from '../domain/calibration.ts';
import { MisconfiguredError, messageOf } from '../domain/errors.ts';
import {
  modelKey,
  type Playbook,
  type PlaybookFile,
  PlaybookFileSchema,
  type Taxonomy,
  TaxonomySchema,
  type Teams,
  TeamsSchema,
} from '../domain/playbook.ts';
import { type Prompt, PromptFileSchema } from '../domain/prompt.ts';
import { ENDPOINTS } from '../domain/question.ts';
import type { Target } from '../domain/target.ts';
import { templateFaults } from '../prompt/template.ts';
import { calibrationPath, crossFaults } from './playbook-faults.ts';

const NO_TEAMS: Teams = { teams: {} };

/**
 * Reads all of `config/` into one playbook. Throws `MisconfiguredError` with every fault of every file, each as
 * `file:line path: what was expected`.
 */
export function loadPlaybook(folder: string, gitCommit: string | null): Playbook {
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
  const faults = crossFaults(playbook);
  if (faults.length > 0) throw new MisconfiguredError(faults);
  return playbook;
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
    files.faults.push(
      ...templateFaults(file.user).map((fault) => `${path}:${files.lineOf(path, 'user')} user: ${fault}`),
    );
    return { ...file, hash: files.hashOf(path) };
  };
  const { hyde, rerank, rerankPrompt } = main?.retrieval ?? {};
  return {
    triage: promptAt(main?.model?.prompt),
    hyde: promptAt(main?.model && hyde),
    rerank: promptAt(main?.model && rerank === 'model' ? rerankPrompt : null),
  };
}

/** Reads, hashes and checks files, gathering faults instead of stopping at the first. */
class ConfigFiles {
  readonly faults: string[] = [];
  readonly #folder: string;
  readonly #hash = createHash('sha256');
  readonly #texts = new Map<string, string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  read<Schema extends z.ZodType>(name: string, schema: Schema): z.output<Schema> | null {
    const text = this.#text(name);
    if (text === null) return null;
    this.#hash.update(`${name}\0${text}\0`);
    this.#texts.set(name, text);
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines });
    if (document.errors.length > 0) {
      this.faults.push(
        ...document.errors.map(
          (error) => `${name}:${lines.linePos(error.pos[0]).line} ${error.message.split('\n')[0]}`,
        ),
      );
      return null;
    }
    const plain = this.#plain(name, document);
    this.faults.push(
      ...lostKeys(plain).map((path) => `${name}:1 ${path}: this name cannot be used here; choose another`),
    );
    const parsed = schema.safeParse(plain);
    if (parsed.success) return parsed.data;
    this.faults.push(...parsed.error.issues.map((issue) => describeIssue(issue, { name, document, lines })));
    return null;
  }

  /** Aliases are resolved here, and may lead nowhere or far too often. */
  #plain(name: string, document: Document): unknown {
    try {
      return document.toJS();
    } catch (cause) {
      this.faults.push(`${name}:1 the file: ${messageOf(cause)}`);
      return undefined;
    }
  }

  hash(): string {
    return this.#hash.digest('hex').slice(0, 12);
  }

  /** The fingerprint of one file that was read. */
  hashOf(name: string): string {
    return hash('sha256', this.#texts.get(name) ?? '').slice(0, 12);
  }

  /** The line on which a top-level key of a file stands. */
  lineOf(name: string, key: string): number {
    const lines = (this.#texts.get(name) ?? '').split('\n');
    return Math.max(lines.findIndex((line) => line.startsWith(`${key}:`)) + 1, 1);
  }

  #text(name: string): string | null {
    const path = join(this.#folder, name);
    try {
      return readFileSync(path, 'utf8');
    } catch (cause) {
      this.faults.push(`${name}: cannot be read (${messageOf(cause)})`);
      return null;
    }
  }
}

/** zod drops keys called `__proto__` without a word; they must not vanish from what people reviewed. */
function lostKeys(plain: unknown, path: readonly string[] = []): string[] {
  if (typeof plain !== 'object' || plain === null) return [];
  return Object.entries(plain).flatMap(([key, value]) => [
    ...(key === '__proto__' ? [[...path, key].join('.')] : []),
    ...lostKeys(value, [...path, key]),
  ]);
}

interface Source {
  readonly name: string;
  readonly document: Document;
  readonly lines: LineCounter;
}

function describeIssue(issue: z.core.$ZodIssue, source: Source): string {
  const where = issue.path.map(String).join('.') || 'the file';
  return `${source.name}:${lineOf(issue.path, source)} ${where}: ${issue.message}`;
}

/** The line of the node at a path, or of the nearest node above it. */
function lineOf(path: readonly PropertyKey[], { document, lines }: Source): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    const range = hasRange(node) ? node.range : null;
    if (range) return lines.linePos(range[0]).line;
  }
  return 1;
}

function hasRange(node: unknown): node is { readonly range: readonly [number, number, number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range);
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
