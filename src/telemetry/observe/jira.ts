import type { Metrics } from '../metrics.ts';
import type { Tracing } from '../tracing/steps.ts';

/** What is known of a request once it has ended. */
interface JiraRequest {
  readonly method: string;
  readonly path: string;
  /** 0: there was no answer. */
  readonly status: number;
  readonly ms: number;
  readonly waitedMs: number;
  readonly remaining: number | null;
  /** One of few words. */
  readonly throttled: string | null;
}

type JiraMetrics = Pick<Metrics, 'jiraSeconds' | 'jiraWaitSeconds' | 'jiraThrottled' | 'jiraRemaining'>;

/** Hears every request to Jira: counts it in few words each, and adds it to the trace it belongs to. */
export function jiraListener(metrics: JiraMetrics, tracing: Pick<Tracing, 'called'>): (request: JiraRequest) => void {
  return ({ method, path, status, ms, waitedMs, remaining, throttled }) => {
    const endpoint = endpointOf(path);
    const verb = METHODS.has(method) ? method : 'other';
    const template = templateOf(path);
    metrics.jiraSeconds.observe({ endpoint, method: verb, status: statusOf(status) }, ms / 1000);
    metrics.jiraWaitSeconds.observe(waitedMs / 1000);
    if (throttled !== null) metrics.jiraThrottled.inc({ reason: throttled });
    if (remaining !== null) metrics.jiraRemaining.set(remaining);
    tracing.called({
      name: `${verb} ${template}`,
      ms,
      hasFailed: status === 0 || status >= 400,
      facts: {
        'http.request.method': verb,
        'url.template': template,
        'triage.waited_ms': Math.round(waitedMs),
        ...(status === 0 ? { 'error.type': 'no-answer' } : { 'http.response.status_code': status }),
      },
    });
  };
}

/** The path without what it names: whatever holds a digit or is escaped, but not the number of the API's version. */
function templateOf(path: string): string {
  return path.replace(/\/project\/[^/]+/, '/project/{}').replaceAll(/(?<!\/rest\/api)\/[^/]*[\d%][^/]*/g, '/{}');
}

/** Parts of Jira's paths, the more telling first, and what they are about. */
const ENDPOINTS: readonly (readonly [part: string, name: string])[] = [
  ['/servicedeskapi/', 'service-desk'],
  ['/changelog', 'changelog'],
  ['/comment', 'comment'],
  ['/properties', 'property'],
  ['/search', 'search'],
  ['/issue', 'issue'],
  ['/myself', 'user'],
  ['/user', 'user'],
  ['/field', 'field'],
  ['/project', 'project'],
  ['/component', 'project'],
  ['/serverInfo', 'server'],
];

/** What a request to Jira is about, as one of few words. */
function endpointOf(path: string): string {
  return ENDPOINTS.find(([part]) => path.includes(part))?.[1] ?? 'other';
}

/** Statuses that say something by themselves; of the others their hundred is told. */
const TELLING: ReadonlySet<number> = new Set([0, 400, 401, 403, 404, 409, 413, 429, 500, 502, 503, 504]);

/** A status as one of few words. */
function statusOf(status: number): string {
  return TELLING.has(status) ? String(status) : `${Math.floor(status / 100)}xx`;
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'DELETE']);
