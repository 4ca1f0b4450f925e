/** A request as far as limits are concerned. */
export interface PacedRequest {
  readonly method: string;
  /** Without host and query. */
  readonly path: string;
}

/** What a request counts against. */
export interface Counted {
  /** Method and path, ids taken out: Jira keeps a bucket of its own for each. */
  readonly endpoint: string;
  /** Requests a second that Jira lets everybody on the site send there together. */
  readonly perSecond: number;
  /** The issue it is about; null when it is about none. */
  readonly issue: string | null;
  readonly isWrite: boolean;
}

/** Jira's defaults by method (developer.atlassian.com/cloud/jira/platform/rate-limiting). */
const BY_METHOD: ReadonlyMap<string, number> = new Map([
  ['GET', 100],
  ['POST', 100],
  ['PUT', 50],
  ['DELETE', 50],
]);
const CAUTIOUS = 50;
const BY_ENDPOINT: ReadonlyMap<string, number> = new Map([
  ['GET /rest/api/3/issue/{}', 150],
  ['GET /rest/api/3/issue/{}/changelog', 200],
  ['GET /rest/api/3/user', 150],
  ['POST /rest/api/3/search/approximate-count', 150],
]);

const ISSUE = /^\/rest\/(?:api\/\d+\/issue|servicedeskapi\/request)\/(\d+|[A-Z][A-Z0-9_]+-\d+)(?:\/|$)/;

/** Ids and keys: whatever holds a digit or is escaped, but not the number of the API's version. */
const IDS = /(?<!\/rest\/api)\/[^/]*[\d%][^/]*/g;

export function countedAs({ method, path }: PacedRequest): Counted {
  const endpoint = `${method} ${path.replace(/\/project\/[^/]+/, '/project/{}').replaceAll(IDS, '/{}')}`.slice(0, 200);
  const perSecond = BY_ENDPOINT.get(endpoint) ?? BY_METHOD.get(method) ?? CAUTIOUS;
  return { endpoint, perSecond, issue: ISSUE.exec(path)?.[1] ?? null, isWrite: method !== 'GET' };
}
