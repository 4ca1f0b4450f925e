export interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  /** 0 when the connection was cut without an answer. */
  readonly status: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The account id, or `anonymous`. */
  readonly actor: string;
}

export interface RequestFilter {
  readonly method?: string | undefined;
  readonly path?: RegExp | string | undefined;
  readonly status?: number | undefined;
}

/** What was asked of the REST API: the last ones in full, all of them in numbers. */
export interface RequestLog {
  list(filter?: RequestFilter): readonly LoggedRequest[];
  count(filter?: RequestFilter): number;
  /** Since the start or the last `clear`, by `METHOD /path/{}`. */
  totals(): Readonly<Record<string, number>>;
  statuses(): Readonly<Record<string, number>>;
  add(request: LoggedRequest): void;
  clear(): void;
}

export function openRequestLog(size: number): RequestLog {
  let entries: LoggedRequest[] = [];
  let totals: Record<string, number> = {};
  let statuses: Record<string, number> = {};
  const list = (filter: RequestFilter = {}) => entries.slice(-size).filter((entry) => matches(entry, filter));
  return {
    list,
    count: (filter) => list(filter).length,
    totals: () => ({ ...totals }),
    statuses: () => ({ ...statuses }),
    add: (entry) => {
      entries.push(entry);
      if (entries.length > size * 2) entries = entries.slice(-size);
      const route = `${entry.method} ${shapeOf(entry.path)}`;
      totals[route] = (totals[route] ?? 0) + 1;
      statuses[entry.status] = (statuses[entry.status] ?? 0) + 1;
    },
    clear: () => {
      entries = [];
      totals = {};
      statuses = {};
    },
  };
}

export function matches(entry: { method: string; path: string; status?: number }, filter: RequestFilter): boolean {
  if (filter.method !== undefined && filter.method.toUpperCase() !== entry.method) return false;
  if (filter.status !== undefined && filter.status !== entry.status) return false;
  if (filter.path === undefined) return true;
  return typeof filter.path === 'string' ? entry.path.includes(filter.path) : filter.path.test(entry.path);
}

/** Ids and keys become `{}`, so that counters stay few. */
export function shapeOf(path: string): string {
  return path.replaceAll(/\/(?:\d+|[A-Z][A-Z0-9_]*-\d+)(?=\/|$)/g, '/{}').replace(/(\/properties\/).+$/, '$1{}');
}
