import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Document, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { type Calibration, CalibrationSchema } from '../domain/calibration.ts';
import { MisconfiguredError, messageOf } from '../domain/errors.ts';
import {
  type Playbook,
  PlaybookFileSchema,
  type Taxonomy,
  TaxonomySchema,
  type Teams,
  TeamsSchema,
} from '../domain/playbook.ts';
import type { Target } from '../domain/target.ts';

const NO_TEAMS: Teams = { teams: {} };

/**
 * Reads all of `config/` into one playbook. Throws `MisconfiguredError` with every fault of every file, each as
 * `file:line path: what was expected`.
 */
export function loadPlaybook(folder: string, gitCommit: string | null): Playbook {
  const files = new ConfigFiles(folder);
  const main = files.read('playbook.yaml', PlaybookFileSchema);
  const teams = existsSync(join(folder, 'teams.yaml')) ? files.read('teams.yaml', TeamsSchema) : NO_TEAMS;
  const taxonomies = new Map<string, Taxonomy>();
  for (const [name, target] of Object.entries(main?.targets ?? {})) {
    const taxonomy = target.values === undefined ? null : files.read(target.values, TaxonomySchema);
    if (taxonomy) taxonomies.set(name, taxonomy);
  }
  const calibrations = new Map<string, Calibration>();
  for (const name of Object.keys(main?.targets ?? {})) {
    const path = calibrationPath(name);
    const calibration = existsSync(join(folder, path)) ? files.read(path, CalibrationSchema) : null;
    if (calibration) calibrations.set(name, calibration);
  }
  if (!main || !teams || files.faults.length > 0) throw new MisconfiguredError(files.faults);
  const targets: Target[] = Object.entries(main.targets).map(([name, target]) => ({ ...target, name }));
  const playbook: Playbook = {
    ...main,
    targets,
    taxonomies,
    teams,
    calibrations,
    revision: revisionOf(folder, gitCommit, files.hash()),
  };
  const faults = crossFaults(playbook);
  if (faults.length > 0) throw new MisconfiguredError(faults);
  return playbook;
}

/** Where a target's calibration lies in `config/`. */
export function calibrationPath(target: string): string {
  return `calibration/${target}.json`;
}

/** Reads, hashes and checks files, gathering faults instead of stopping at the first. */
class ConfigFiles {
  readonly faults: string[] = [];
  readonly #folder: string;
  readonly #hash = createHash('sha256');

  constructor(folder: string) {
    this.#folder = folder;
  }

  read<Schema extends z.ZodType>(name: string, schema: Schema): z.output<Schema> | null {
    const text = this.#text(name);
    if (text === null) return null;
    this.#hash.update(`${name}\0${text}\0`);
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
    const parsed = schema.safeParse(this.#plain(name, document));
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

/** Faults that no file shows alone: names and values that another file does not know. */
function crossFaults(playbook: Playbook): string[] {
  return [
    ...labelFaults(playbook),
    ...valueFaults(playbook),
    ...featureFaults(playbook),
    ...ruleFaults(playbook),
    ...routeFaults(playbook),
    ...teamFaults(playbook),
  ];
}

/** Parents and classes that the taxonomy does not know, and calibrations made for another target. */
function valueFaults(playbook: Playbook): string[] {
  return playbook.targets.flatMap(({ name, values, classes }) => {
    const parents = Object.entries(playbook.taxonomies.get(name)?.values ?? {}).flatMap(([value, { parent }]) => {
      const fault = parent === undefined ? null : valueFault(playbook, name, parent);
      return fault ? [`${values} values."${value}".parent: ${fault}`] : [];
    });
    const unknown = Object.keys(classes).flatMap((value) => {
      const fault = valueFault(playbook, name, value);
      return fault ? [`playbook.yaml targets.${name}.classes: ${fault}`] : [];
    });
    const made = playbook.calibrations.get(name)?.target ?? name;
    const other = made === name ? [] : [`${calibrationPath(name)}: was made for the target "${made}"`];
    return [...parents, ...unknown, ...other];
  });
}

/** A feature that holds the answer would look perfect in training and be empty on new tickets. */
function featureFaults({ targets, classify }: Playbook): string[] {
  return targets
    .filter((target) => classify.features.includes('field' in target ? target.field : target.kind))
    .map(({ name }) => `playbook.yaml classify.features: "${name}" is decided here, so its field cannot be a feature`);
}

/** Jira's labels hold no spaces. */
function labelFaults({ targets, taxonomies }: Playbook): string[] {
  return targets
    .filter(({ kind }) => kind === 'label')
    .flatMap(({ name, values }) =>
      Object.keys(taxonomies.get(name)?.values ?? {})
        .filter((value) => /\s/.test(value))
        .map((value) => `${values} values."${value}": a label cannot hold spaces, and ${name} is a label family`),
    );
}

function ruleFaults(playbook: Playbook): string[] {
  return playbook.rules.flatMap((rule) =>
    Object.entries(rule.then)
      .flatMap(([target, value]) => [targetFault(playbook, target) ?? valueFault(playbook, target, value)])
      .flatMap((fault) => (fault === null ? [] : [`playbook.yaml rules "${rule.name}": ${fault}`])),
  );
}

function routeFaults(playbook: Playbook): string[] {
  const { route } = playbook.teams;
  const faults = [route?.by, route?.team, route?.assignee]
    .flatMap((name) => (name === undefined ? [] : [targetFault(playbook, name)]))
    .flatMap((fault) => (fault === null ? [] : [`teams.yaml route: ${fault}`]));
  return faults.length > 0 ? faults : unreachedFaults(playbook);
}

function unreachedFaults({ targets, teams: { route } }: Playbook): string[] {
  return targets
    .filter(
      ({ name, mode, decidedBy }) =>
        mode !== 'off' && decidedBy === 'routing' && name !== route?.team && name !== route?.assignee,
    )
    .map(
      ({ name }) =>
        `playbook.yaml targets.${name}: decidedBy is routing, but the route in teams.yaml does not reach it`,
    );
}

function teamFaults(playbook: Playbook): string[] {
  const { route, teams } = playbook.teams;
  const faults: string[] = [];
  const takenBy = new Map<string, string>();
  for (const [team, value] of Object.entries(teams).flatMap(([name, { takes }]) =>
    takes.map((taken) => [name, taken] as const),
  )) {
    const other = takenBy.get(value);
    const fault = other ? `"${value}" is already taken by ${other}` : route && valueFault(playbook, route.by, value);
    if (fault) faults.push(`teams.yaml teams.${team}.takes: ${fault}`);
    takenBy.set(value, team);
  }
  return faults;
}

function targetFault({ targets }: Playbook, name: string): string | null {
  if (targets.some((target) => target.name === name)) return null;
  return `unknown target "${name}", known are ${targets.map((target) => target.name).join(', ')}`;
}

function valueFault({ taxonomies }: Playbook, target: string, value: string): string | null {
  const taxonomy = taxonomies.get(target);
  if (!taxonomy || Object.hasOwn(taxonomy.values, value)) return null;
  return `"${value}" is not in the taxonomy of ${target}: ${Object.keys(taxonomy.values).join(', ')}`;
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
