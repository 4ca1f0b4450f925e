import type { SiteContext } from '../context.ts';
import { visibleIssue } from '../context.ts';
import { invalidPayload, refusal } from '../gate/reply.ts';
import { isRecord, listIn, textIn } from '../json.ts';
import { countRows, searchPage } from '../query/search.ts';
import { renderIssue } from '../render/issue.ts';
import type { Call, Handler } from './call.ts';
import { listParam, textParam } from './call.ts';
import { viewOf } from './view.ts';

interface SearchInput {
  readonly jql: string;
  readonly token: string | undefined;
  readonly maxResults: number;
  readonly fields: readonly string[];
  readonly expand: readonly string[];
  readonly properties: readonly string[];
  readonly reconcile: readonly string[];
}

const KNOWN = new Set('expand fields fieldsByKeys jql maxResults nextPageToken properties reconcileIssues'.split(' '));

export const searchByGet: Handler = (context, call) =>
  search(context, call, {
    jql: textParam(call, 'jql') ?? '',
    token: textParam(call, 'nextPageToken'),
    maxResults: Number(textParam(call, 'maxResults') ?? 50),
    fields: listParam(call, 'fields'),
    expand: listParam(call, 'expand'),
    properties: listParam(call, 'properties'),
    reconcile: listParam(call, 'reconcileIssues'),
  });

export const searchByPost: Handler = (context, call) => {
  const body = call.body;
  if (!isRecord(body)) throw invalidPayload('the body is no object');
  const unknown = Object.keys(body).find((key) => !KNOWN.has(key));
  if (unknown !== undefined) throw invalidPayload(`unknown property ${unknown}`);
  const texts = (key: string) =>
    listIn(body, key)
      .map(String)
      .flatMap((part) => part.split(','));
  return search(context, call, {
    jql: textIn(body, 'jql') ?? '',
    token: textIn(body, 'nextPageToken'),
    maxResults: typeof body['maxResults'] === 'number' ? body['maxResults'] : 50,
    fields: texts('fields'),
    expand: (textIn(body, 'expand') ?? '').split(',').filter((part) => part !== ''),
    properties: texts('properties'),
    reconcile: texts('reconcileIssues'),
  });
};

function search(context: SiteContext, call: Call, input: SearchInput) {
  assertSane(input);
  const view = viewOf(context, call, { ...input, otherwise: 'id', maxHistories: 40 });
  const isBare = input.fields.every((field) => field === 'id' || field === 'key') && input.expand.length === 0;
  const limit = context.options.pageLimit ?? (isBare ? 5_000 : 100);
  const request = { jql: input.jql, actor: call.actor, reconcile: new Set(input.reconcile) };
  const page = searchPage(context, request, { token: input.token, size: Math.min(input.maxResults, limit) });
  const issues = page.rows.map((row) => renderIssue(context, row, view(row.record)));
  const token = page.nextPageToken;
  return {
    status: 200,
    body: { issues, ...(token !== undefined && { nextPageToken: token }), isLast: token === undefined },
  };
}

function assertSane({ maxResults, properties, reconcile }: SearchInput): void {
  if (!Number.isInteger(maxResults) || maxResults < 1 || maxResults > 5_000) {
    throw refusal(400, 'The max results parameter has to be between 1 and 5,000.');
  }
  if (properties.length > 5) throw refusal(400, 'The maximum number of properties that can be requested is 5.');
  if (reconcile.length > 50 || reconcile.some((id) => !/^\d+$/.test(id))) {
    throw refusal(400, 'The reconcileIssues parameter takes at most 50 numeric issue IDs.');
  }
}

export const countIssues: Handler = (context, call) => {
  const jql = isRecord(call.body) ? (textIn(call.body, 'jql') ?? '') : '';
  return { status: 200, body: { count: countRows(context, { jql, actor: call.actor, reconcile: new Set() }) } };
};

/** By id or key, in ascending id order; what is missing or invisible is silently absent. */
export const bulkFetch: Handler = (context, call) => {
  const body = isRecord(call.body) ? call.body : {};
  const wanted = listIn(body, 'issueIdsOrKeys').map(String);
  if (wanted.length === 0 || wanted.length > 100)
    throw refusal(400, 'Between 1 and 100 issue IDs or keys can be fetched at once.');
  const texts = (key: string) => listIn(body, key).map(String);
  const wish = { fields: texts('fields'), expand: texts('expand'), properties: texts('properties') };
  const view = viewOf(context, call, { ...wish, otherwise: '*navigable', maxHistories: 40 });
  const seen = wanted
    .map((idOrKey) => visibleIssue(context, call.actor, idOrKey))
    .filter((record) => record !== undefined);
  const records = [...new Set(seen)].sort((one, other) => Number(one.id) - Number(other.id));
  return {
    status: 200,
    body: {
      issues: records.map((record) => renderIssue(context, { record, fields: record.fields }, view(record))),
      issueErrors: [],
    },
  };
};

export const searchGone: Handler = () => {
  throw refusal(
    410,
    'The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046',
  );
};
