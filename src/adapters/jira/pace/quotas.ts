/**
 * The smallest share that is left of a quota which is about everything, null where none is told. The headers are
 * `RateLimit: "global-app-quota";r=11000;t=600` and `RateLimit-Policy: "global-app-quota";q=65000;w=3600` (IETF draft
 * ratelimit-headers-11), any number of policies in any order; `r` is absent while we are far from the limit. Headers
 * that begin with `Beta-` are not enforced yet and of no concern.
 */
export function leastLeft(limits: string | null, policies: string | null): number | null {
  if (limits === null) return null;
  const sizes = new Map(itemsOf(policies ?? '').map(({ name, numbers }) => [name, numbers.get('q')]));
  const shares = itemsOf(limits).flatMap(({ name, numbers }) => {
    const left = numbers.get('r');
    if (left === undefined || name === BURST) return [];
    // Told only when less than a fifth is left; the policy may be missing just then.
    return [left / (sizes.get(name) || left * UNKNOWN || 1)];
  });
  return shares.length === 0 ? null : Math.min(...shares);
}

/** Its budget is told by `X-RateLimit-Remaining`, too, and it is about one endpoint. */
const BURST = 'jira-burst-based';
/** Where the size of a quota is unknown, a tenth of it is left. */
const UNKNOWN = 10;

interface Item {
  readonly name: string;
  readonly numbers: ReadonlyMap<string, number>;
}

/** Names in quotes with numbers behind them; anything else is passed over. */
function itemsOf(header: string): readonly Item[] {
  return [...header.matchAll(/"([^"]*)"([^",]*)/g)].map(([, name = '', parameters = '']) => ({
    name,
    numbers: new Map(
      parameters.split(';').flatMap((parameter) => {
        const [, key = '', digits = ''] = /^\s*([a-z]+)\s*=\s*(\d{1,15})\s*$/.exec(parameter) ?? [];
        return key === '' ? [] : [[key, Number(digits)] as const];
      }),
    ),
  }));
}
