import { MisconfiguredError } from '../domain/errors.ts';
import { type Playbook, PlaybookFileSchema } from '../domain/playbook/playbook.ts';
import { olderFirst, type PastTicket } from '../domain/ticket/issue.ts';
import { KNOWN_DATES, madeUpDate, readDate } from './dates.ts';

/** One ticket of a file, by field name. */
type Row = Readonly<Record<string, unknown>>;

export interface Source {
  /** The field to predict. */
  readonly target: string;
  /** Fields that make up title and body; absent: the usual names. */
  readonly text?: readonly [title: string, body?: string];
  /** Feature name → field of the file. */
  readonly features: Readonly<Record<string, string>>;
  /** `file`, or a field with dates; absent: the date of creation where the file has one. */
  readonly order?: string;
}

/** A ticket with its place in an official split, where the file has one. */
export interface SourceTicket extends PastTicket {
  readonly part: 'history' | 'calibration' | 'test' | null;
}

export interface Reading {
  /** Oldest first, each with an id of its own. */
  readonly tickets: readonly SourceTicket[];
  /** `file`, or the field whose dates order them. */
  readonly order: string;
  /** Tickets that are left out, by what they lack. */
  readonly without: { readonly value: number; readonly date: number };
}

/** As people name them in their own files, then as Jira's CSV does in English, German, Chinese, French and Spanish. */
const TITLE = ['title', 'summary', 'Summary', 'Zusammenfassung', '概要', '摘要', 'Résumé', 'Resumen'];
const BODY = ['body', 'description', 'Description', 'Beschreibung', '描述', 'Descripción'];
const ID = ['id', 'key', 'Issue key', 'Issue id', 'Vorgangsschlüssel', '关键字', '问题关键字'];
const PROJECT = ['project', 'Project key', 'Projektschlüssel', '项目关键字'];
const CREATED = ['created', 'Created', 'Erstellt', '创建日期'];
const SPLIT = 'split';
const FILE = 'file';
/** The share of dates that may be unreadable. */
const UNREADABLE = 0.1;

/** The tickets of `readTickets` alone. */
export function ticketsOf(rows: readonly Row[], source: Source): readonly SourceTicket[] {
  return readTickets(rows, source).tickets;
}

/**
 * Tickets of a file, oldest first. Those without a value for the target are left out, with an order by date also those
 * without a date. Throws `MisconfiguredError` naming the fields there are, or a date that cannot be read.
 */
export function readTickets(rows: readonly Row[], source: Source): Reading {
  checkFields(rows, source);
  const valued = [...rows.entries()].filter(([, row]) => textAt(row, [source.target]) !== '');
  const order = source.order ?? usualOrder(valued.map(([, row]) => row));
  const dates = valued.map(([, row]) => textAt(row, [order]));
  if (order !== FILE) checkDates(order, dates);
  const idOf = uniqueIds();
  const tickets = valued.flatMap(([index, row], position) => {
    const created = order === FILE ? madeUpDate(index) : readDate(dates[position] ?? '');
    if (created === null) return [];
    return [ticketOf(row, source, { id: idOf(textAt(row, ID) || String(index + 1)), created })];
  });
  const without = { value: rows.length - valued.length, date: valued.length - tickets.length };
  return { tickets: order === FILE ? tickets : tickets.sort(olderFirst), order, without };
}

function checkFields(rows: readonly Row[], { target, text, features, order = FILE }: Source): void {
  const [first] = rows;
  if (!first) throw new MisconfiguredError(['the file holds no tickets']);
  const isThere = (field: string) => rows.some((row) => Object.hasOwn(row, field));
  const there = `there are: ${Object.keys(first).join(', ')}`;
  const texts = (text ?? []).flatMap((field) => field ?? []);
  const asked = [target, ...texts, ...Object.values(features), ...(order === FILE ? [] : [order])];
  const faults = asked.filter((field) => !isThere(field)).map((field) => `no ticket has a field "${field}"; ${there}`);
  if (!text && ![...TITLE, ...BODY].some(isThere)) faults.push(`give --text TITLE,BODY; ${there}`);
  if (faults.length > 0) throw new MisconfiguredError(faults);
}

/** Time order wherever a file has it, for a desk's past must not be judged by its future. */
function usualOrder(rows: readonly Row[]): string {
  const isDated = (field: string) =>
    rows.filter((row) => readDate(textAt(row, [field])) !== null).length >= rows.length * (1 - UNREADABLE);
  return rows.length === 0 ? FILE : (CREATED.find(isDated) ?? FILE);
}

function checkDates(order: string, dates: readonly string[]): void {
  const given = dates.filter((date) => date !== '');
  const unreadable = given.filter((date) => readDate(date) === null);
  if (unreadable.length <= dates.length * UNREADABLE && (given.length > 0 || dates.length === 0)) return;
  const example = unreadable.length > 0 ? `, for example "${unreadable[0]}"` : ': it is always empty';
  throw new MisconfiguredError([
    `--order ${order}: ${dates.length - given.length + unreadable.length} of ${dates.length} tickets have no readable date there${example}; known are ${KNOWN_DATES}`,
  ]);
}

/** The second `X` becomes `X#2`. */
function uniqueIds(): (id: string) => string {
  const seen = new Map<string, number>();
  return function idOf(id): string {
    const count = (seen.get(id) ?? 0) + 1;
    seen.set(id, count);
    return count === 1 ? id : idOf(`${id}#${count}`);
  };
}

function ticketOf(row: Row, { target, text, features }: Source, own: Pick<PastTicket, 'id' | 'created'>): SourceTicket {
  const context = Object.entries(features).flatMap(([name, field]) => {
    const found = textAt(row, [field]);
    return found === '' ? [] : [[name, found] as const];
  });
  return {
    ...own,
    key: own.id,
    project: textAt(row, PROJECT) || 'FILE',
    summary: textAt(row, text ? [text[0]] : TITLE).replace(/\s+/g, ' '),
    text: textAt(row, text ? text.slice(1).flatMap((field) => field ?? []) : BODY),
    securityLevel: null,
    resolution: null,
    people: [],
    context: Object.fromEntries(context),
    values: { [VALUE]: { value: textAt(row, [target]), by: 'human' } },
    embedding: null,
    part: partOf(textAt(row, [SPLIT])),
  };
}

function partOf(split: string): SourceTicket['part'] {
  if (/test/i.test(split)) return 'test';
  if (/val|dev|calib/i.test(split)) return 'calibration';
  return split === '' ? null : 'history';
}

function textAt(row: Row, names: readonly string[]): string {
  const value = names.map((name) => row[name]).find((candidate) => candidate !== undefined && candidate !== null);
  return value === undefined ? '' : String(value).trim();
}

/** Name of the one target in a file's own playbook. */
export const VALUE = 'value';

/** A playbook for a file: one target, decided and recorded only. */
export function playbookOf(tickets: readonly PastTicket[], features: readonly string[], seed: number): Playbook {
  const projects = [...new Set(tickets.map(({ project }) => project))];
  const targets = { [VALUE]: { kind: 'text', field: 'customfield_1' } };
  const file = PlaybookFileSchema.parse({ projects: ['FILE'], targets, classify: { features, seed } });
  return {
    ...file,
    projects,
    targets: Object.entries(file.targets).map(([name, declared]) => ({ ...declared, name })),
    taxonomies: new Map(),
    teams: { timeZone: 'UTC', teams: {} },
    calibrations: new Map(),
    modelCalibrations: new Map(),
    prompts: { triage: null, hyde: null, rerank: null },
    revision: 'file',
  };
}

export interface Split<Ticket extends PastTicket = PastTicket> {
  /** How the tickets were ordered, for the report. */
  readonly order: string;
  readonly history: readonly Ticket[];
  readonly calibration: readonly Ticket[];
  readonly test: readonly Ticket[];
}

export interface SplitOptions {
  /** How the tickets are ordered. `file`: their dates are made up, anew for the parts. */
  readonly order: string;
  /** Percent of history, calibration and test. */
  readonly shares: readonly [number, number, number];
  /** Split each project by itself. */
  readonly isPerProject?: boolean;
  /** The file's own `split` field; every tenth history ticket calibrates when nothing else does. */
  readonly isOfficial?: boolean;
  /** Classes with fewer history tickets are dropped everywhere. */
  readonly minClass?: number;
  /** A value that means "none of the classes": never learnt from, unknown in the test. */
  readonly unknown?: string;
}

/**
 * Splits tickets that come oldest first: what is judged is always later than what was learnt from. Each part comes back
 * oldest first. Throws `MisconfiguredError` when there is no official split, or no class is large enough.
 */
export function split(tickets: readonly SourceTicket[], options: SplitOptions, name = VALUE): Split<SourceTicket> {
  const { order, isOfficial = false, isPerProject = false, minClass = 0, unknown } = options;
  const groups = isPerProject ? [...Map.groupBy(tickets, ({ project }) => project).values()] : [tickets];
  const parts = isOfficial ? [officialSplit(tickets)] : groups.map((group) => shareSplit(group, options.shares));
  const labelOf = ({ values }: PastTicket) => values[name]?.value ?? '';
  const learnt = parts.flatMap(({ history }) => history).filter((ticket) => labelOf(ticket) !== unknown);
  const counts = new Map([...Map.groupBy(learnt, labelOf)].map(([label, group]) => [label, group.length]));
  const largest = [...counts.values()].reduce((most, count) => Math.max(most, count), 0);
  const nothing = `--min-class ${minClass} leaves nothing: the largest class has ${largest} tickets to learn from`;
  if (largest < minClass) throw new MisconfiguredError([nothing]);
  let place = 0;
  const kept = (part: readonly SourceTicket[]) =>
    part
      .filter((ticket) => (counts.get(labelOf(ticket)) ?? 0) >= minClass)
      .sort(olderFirst)
      .map((ticket) => (order === FILE ? { ...ticket, created: madeUpDate(place++) } : ticket));
  return {
    order: isOfficial ? 'official split' : order,
    history: kept(learnt),
    calibration: kept(parts.flatMap(({ calibration }) => calibration)),
    test: kept(parts.flatMap(({ test }) => test)),
  };
}

type Parts = Omit<Split<SourceTicket>, 'order'>;

function shareSplit(tickets: readonly SourceTicket[], [history, calibration]: SplitOptions['shares']): Parts {
  const first = Math.round((tickets.length * history) / 100);
  const second = Math.round((tickets.length * (history + calibration)) / 100);
  return {
    history: tickets.slice(0, first),
    calibration: tickets.slice(first, second),
    test: tickets.slice(second),
  };
}

const TENTH = 10;

function officialSplit(tickets: readonly SourceTicket[]): Parts {
  if (tickets.every(({ part }) => part === null)) {
    throw new MisconfiguredError([`--split official needs a field "${SPLIT}" with train, validation or test in it`]);
  }
  const of = (part: SourceTicket['part']) => tickets.filter((ticket) => ticket.part === part);
  const calibration = of('calibration');
  const isTenth = (index: number) => calibration.length === 0 && index % TENTH === TENTH - 1;
  return {
    history: of('history').filter((_, index) => !isTenth(index)),
    calibration: calibration.length > 0 ? calibration : of('history').filter((_, index) => isTenth(index)),
    test: of('test'),
  };
}
