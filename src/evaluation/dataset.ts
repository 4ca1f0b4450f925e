import { MisconfiguredError } from '../domain/errors.ts';
import type { PastTicket } from '../domain/issue.ts';
import { type Playbook, PlaybookFileSchema } from '../domain/playbook.ts';

/** One ticket of a file, by field name. */
type Row = Readonly<Record<string, unknown>>;

export interface Source {
  /** The field to predict. */
  readonly target: string;
  /** Fields that make up title and body; absent: the usual names. */
  readonly text?: readonly [title: string, body?: string];
  /** Feature name → field of the file. */
  readonly features: Readonly<Record<string, string>>;
  /** `file`, or a field with dates. */
  readonly order: string;
  /** A value that means "none of the classes": never learnt from, unknown in the test. */
  readonly unknown?: string;
}

/** A ticket with its place in an official split, where the file has one. */
export interface SourceTicket extends PastTicket {
  readonly part: 'history' | 'calibration' | 'test' | null;
}

const TITLE = ['title', 'summary', 'Summary'];
const BODY = ['body', 'description', 'Description'];
const ID = ['id', 'key', 'Issue key', 'Issue id'];
const PROJECT = ['project', 'Project key'];
const SPLIT = 'split';
/** Files without dates get made-up ones a minute apart, in file order. */
const MADE_UP_MS = Date.UTC(2020, 0, 1);
const MINUTE_MS = 60_000;

/**
 * Tickets of a file, oldest first. Tickets without a value for the target are left out, with an order by date also those
 * without a date. Throws `MisconfiguredError` naming the fields there are.
 */
export function ticketsOf(rows: readonly Row[], source: Source): readonly SourceTicket[] {
  const [first] = rows;
  if (!first) throw new MisconfiguredError(['the file holds no tickets']);
  const text = (source.text ?? []).flatMap((field) => field ?? []);
  const order = source.order === 'file' ? [] : [source.order];
  const fields = [source.target, ...text, ...Object.values(source.features), ...order];
  const missing = fields.filter((field) => !rows.some((row) => Object.hasOwn(row, field)));
  if (missing.length > 0) {
    throw new MisconfiguredError(
      missing.map((field) => `no ticket has a field "${field}"; there are: ${Object.keys(first).join(', ')}`),
    );
  }
  const tickets = rows.flatMap((row, index) => ticketOf(row, index, source) ?? []);
  return source.order === 'file' ? tickets : tickets.sort(byAge);
}

function byAge(one: PastTicket, other: PastTicket): number {
  if (one.created !== other.created) return one.created < other.created ? -1 : 1;
  return one.id < other.id ? -1 : 1;
}

function ticketOf(row: Row, index: number, { target, text, features, order }: Source): SourceTicket | null {
  const value = textAt(row, [target]);
  const created = order === 'file' ? new Date(MADE_UP_MS + index * MINUTE_MS) : new Date(isoLike(textAt(row, [order])));
  if (value === '' || Number.isNaN(created.getTime())) return null;
  const id = textAt(row, ID) || String(index + 1);
  const context = Object.entries(features).flatMap(([name, field]) => {
    const found = textAt(row, [field]);
    return found === '' ? [] : [[name, found] as const];
  });
  return {
    id,
    key: id,
    project: textAt(row, PROJECT) || 'FILE',
    summary: textAt(row, text ? [text[0]] : TITLE).replace(/\s+/g, ' '),
    text: textAt(row, text ? text.slice(1).flatMap((field) => field ?? []) : BODY),
    created: created.toISOString(),
    securityLevel: null,
    resolution: null,
    context: Object.fromEntries(context),
    values: { [VALUE]: { value, by: 'human' } },
    embedding: null,
    part: partOf(textAt(row, [SPLIT])),
  };
}

/** Jira's CSV writes dates as `21/Nov/26 3:04 PM`, which `Date` reads once the slashes are gone. */
function isoLike(date: string): string {
  const isIso = /^\d{4}-/.test(date);
  return isIso
    ? date.replace(' ', 'T').replace(/(T\d\d:\d\d(:\d\d(\.\d+)?)?)$/, '$1Z')
    : `${date.replaceAll('/', ' ')} UTC`;
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
  const target = { kind: 'text', field: 'customfield_1' } as const;
  const file = PlaybookFileSchema.parse({
    projects: ['FILE'],
    targets: { [VALUE]: target },
    classify: { features, seed },
  });
  return {
    ...file,
    projects,
    targets: Object.entries(file.targets).map(([name, declared]) => ({ ...declared, name })),
    taxonomies: new Map(),
    teams: { teams: {} },
    calibrations: new Map(),
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
  readonly order: string;
  /** Percent of history, calibration and test. */
  readonly shares: readonly [number, number, number];
  /** Split each project by itself. */
  readonly isPerProject?: boolean;
  /** The file's own `split` field; every tenth history ticket calibrates when nothing else does. */
  readonly isOfficial?: boolean;
  /** Classes with fewer history tickets are dropped everywhere. */
  readonly minClass?: number;
  readonly unknown?: string;
}

/** Splits tickets that come oldest first: what is judged is always later than what was learnt from. */
export function split(tickets: readonly SourceTicket[], options: SplitOptions, name = VALUE): Split<SourceTicket> {
  const groups = options.isPerProject ? [...Map.groupBy(tickets, ({ project }) => project).values()] : [tickets];
  const parts = options.isOfficial
    ? [officialSplit(tickets)]
    : groups.map((group) => shareSplit(group, options.shares));
  const labelOf = ({ values }: PastTicket) => values[name]?.value ?? '';
  const known = (group: readonly SourceTicket[]) => group.filter((ticket) => labelOf(ticket) !== options.unknown);
  const history = known(parts.flatMap((part) => part.history));
  const counts = new Map<string, number>();
  for (const ticket of history) counts.set(labelOf(ticket), (counts.get(labelOf(ticket)) ?? 0) + 1);
  const isKept = (ticket: SourceTicket) =>
    options.minClass === undefined || (counts.get(labelOf(ticket)) ?? 0) >= options.minClass;
  return {
    order: options.isOfficial ? 'official split' : options.order,
    history: history.filter(isKept),
    calibration: parts.flatMap((part) => part.calibration).filter(isKept),
    test: parts.flatMap((part) => part.test).filter(isKept),
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
  const of = (part: SourceTicket['part']) => tickets.filter((ticket) => ticket.part === part);
  const calibration = of('calibration');
  const isTenth = (index: number) => calibration.length === 0 && index % TENTH === TENTH - 1;
  return {
    history: of('history').filter((_, index) => !isTenth(index)),
    calibration: calibration.length > 0 ? calibration : of('history').filter((_, index) => isTenth(index)),
    test: of('test'),
  };
}
