import { createHash } from 'node:crypto';
import type { Actor, SiteContext } from '../context.ts';
import { canSee } from '../context.ts';
import { refusal } from '../gate/reply.ts';
import { isRecord, textIn } from '../json.ts';
import type { IssueRecord } from '../state/store.ts';
import { issuesOfProject } from '../state/store.ts';
import type { Row } from './fields.ts';
import { nameField } from './fields.ts';
import type { Order } from './match.ts';
import { compile, compileOrder } from './match.ts';
import type { Condition, Query } from './parse.ts';
import { parseJql } from './parse.ts';

export interface SearchRequest {
  readonly jql: string;
  readonly actor: Actor;
  /** Ids that are read fresh, past the lag of the index. */
  readonly reconcile: ReadonlySet<string>;
}

export interface Page {
  readonly rows: readonly Row[];
  readonly nextPageToken: string | undefined;
}

interface Found {
  readonly rows: readonly Row[];
  readonly order: Order;
}

/** One page after the token. The token names the last issue seen, so writes in between neither repeat nor lose others. */
export function searchPage(
  context: SiteContext,
  request: SearchRequest,
  page: { token: string | undefined; size: number },
): Page {
  const query = bounded(request.jql);
  const after = page.token === undefined ? undefined : readToken(page.token, request.jql);
  const { rows, order } = findRows(context, request, query);
  const from = after === undefined ? 0 : firstAfter(rows, order, after);
  const shown = rows.slice(from, from + page.size);
  const last = shown.at(-1);
  const more = last !== undefined && from + shown.length < rows.length;
  return { rows: shown, nextPageToken: more ? writeToken(request.jql, last) : undefined };
}

export function countRows(context: SiteContext, request: SearchRequest): number {
  return findRows(context, request, bounded(request.jql)).rows.length;
}

function bounded(jql: string): Query {
  const query = parseJql(jql);
  if (query.where) return query;
  throw refusal(400, 'Unbounded JQL queries are not allowed here. Please add a search restriction to your query.');
}

function findRows(context: SiteContext, request: SearchRequest, query: Query): Found {
  const order = compileOrder(query);
  const test = query.where ? compile(context, request.actor, query.where) : () => true;
  const remembered = recall(context, request);
  if (remembered) return { rows: remembered, order };
  const rows: Row[] = [];
  for (const record of candidates(context, request.actor, query.where)) {
    if (!canSee(context, request.actor, record)) continue;
    const row = rowOf(context, record, request.reconcile);
    if (row && test(row)) rows.push(row);
  }
  rows.sort(order);
  remember(context, request, rows);
  return { rows, order };
}

/** The issue as the index knows it: late by the lag, unless it is to be reconciled. */
function rowOf(context: SiteContext, record: IssueRecord, reconcile: ReadonlySet<string>): Row | undefined {
  const lag = context.options.indexLagMs;
  if (lag === 0 || reconcile.has(record.id)) return { record, fields: record.fields };
  const seen = context.now() - lag;
  if (record.bornAt > seen) return undefined;
  const past = record.past.find((view) => view.until > seen);
  return { record, fields: past?.fields ?? record.fields };
}

/** Narrows to the projects or issues a top-level AND demands; thousands of others are never looked at. */
function candidates(context: SiteContext, actor: Actor, where: Condition | undefined): Iterable<IssueRecord> {
  const clauses = where?.kind === 'and' ? where.parts : [where];
  for (const clause of clauses) {
    if (clause?.kind !== 'clause' || clause.empty || !['=', 'IN'].includes(clause.operator)) continue;
    const name = clause.field.toLowerCase();
    const resolve = nameField(context, actor, name)?.resolve ?? (() => undefined);
    const values = clause.values.map(resolve).filter((value) => value !== undefined);
    if (name === 'project') return values.flatMap((key) => [...issuesOfProject(context.store, key).values()]);
    if (['key', 'id', 'issue', 'issuekey'].includes(name)) {
      return [...new Set(values)].map((id) => context.store.records.get(id)).filter((record) => record !== undefined);
    }
  }
  return context.store.records.values();
}

function firstAfter(rows: readonly Row[], order: Order, last: Row): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const row = rows[middle];
    if (row && order(row, last) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

const recent = new WeakMap<SiteContext, { key: string; at: number; version: number; rows: readonly Row[] }[]>();

/** Paging sorts once: the rows are kept while nothing on the site changes. */
function recall(context: SiteContext, request: SearchRequest): readonly Row[] | undefined {
  const entry = recent.get(context)?.find((candidate) => candidate.key === memoKey(request));
  if (!entry || context.options.indexLagMs > 0 || entry.version !== context.store.version) return undefined;
  return Math.abs(context.now() - entry.at) < 5_000 ? entry.rows : undefined;
}

function remember(context: SiteContext, request: SearchRequest, rows: readonly Row[]): void {
  const key = memoKey(request);
  const others = (recent.get(context) ?? []).filter((entry) => entry.key !== key);
  recent.set(context, [{ key, at: context.now(), version: context.store.version, rows }, ...others.slice(0, 7)]);
}

function memoKey({ jql, actor }: SearchRequest): string {
  return `${actor.kind === 'user' ? actor.user.accountId : ''} ${jql}`;
}

function writeToken(jql: string, { record, fields }: Row): string {
  const { created, updated, resolved, statusChanged } = fields;
  const last = {
    id: record.id,
    key: record.key,
    projectKey: record.projectKey,
    times: [created, updated, resolved, statusChanged],
  };
  return Buffer.from(JSON.stringify({ query: digest(jql), last })).toString('base64url');
}

/** A row that stands where the last one stood, even if that issue has changed or gone since. */
function readToken(token: string, jql: string): Row {
  const { query, last } = decoded(token);
  const id = isRecord(last) ? textIn(last, 'id') : undefined;
  const key = isRecord(last) ? textIn(last, 'key') : undefined;
  const projectKey = isRecord(last) ? textIn(last, 'projectKey') : undefined;
  const times = isRecord(last) && Array.isArray(last['times']) ? last['times'].map(Number) : [];
  if (query !== digest(jql) || id === undefined || key === undefined || projectKey === undefined) throw badToken();
  const [created = 0, updated = 0, resolved = 0, statusChanged = 0] = times;
  const fields = { ...BLANK, created, updated, resolved, statusChanged };
  return {
    record: { id, key, projectKey, fields, histories: [], comments: [], properties: new Map(), bornAt: 0, past: [] },
    fields,
  };
}

const BLANK = {
  summary: '',
  description: null,
  issueType: '',
  reporter: '',
  creator: '',
  priority: null,
  labels: [],
  components: [],
  assignee: null,
  custom: {},
  status: '',
  resolution: null,
  securityLevel: null,
};

function decoded(token: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

function digest(jql: string): string {
  return createHash('sha1').update(jql).digest('base64url').slice(0, 12);
}

function badToken(): Error {
  return refusal(400, 'The provided next page token is invalid or expired.');
}
