import type { JiraSite } from '../../fakes/jira/door.ts';
import type { FaultDraft } from '../../fakes/jira/gate/faults.ts';

/** What the service asks of Jira, as far as faults aim at it. */
export type Asked = 'look' | 'edit' | 'other';

export interface Seen {
  readonly asked: Asked;
  /** Null where the request is about none. */
  readonly issueId: string | null;
}

export type Act = (seen: Seen) => FaultDraft | undefined;

/** Sees every request that reaches the simulated Jira, before it is served. */
export interface Watch {
  /** Does something at the n-th request of a kind from now on, counted from 1; what it returns befalls the request. */
  at(asked: Asked | 'any', nth: number, act: Act): void;
  /** Does something at every request. */
  each(act: Act): void;
  /** How many came so far. */
  count(asked: Asked): number;
  /** What came about an issue, in order; `act` is a person's. */
  story(issueId: string): readonly (Asked | 'act')[];
  /** A person acted on the issue. */
  note(issueId: string): void;
}

interface Point {
  readonly asked: Asked | 'any';
  left: number;
  readonly act: Act;
}

export function watchSite(site: JiraSite): Watch {
  const points: Point[] = [];
  const always: Act[] = [];
  const counts: Record<Asked, number> = { look: 0, edit: 0, other: 0 };
  const stories = new Map<string, (Asked | 'act')[]>();
  const tell = (issueId: string, what: Asked | 'act') => {
    const story = stories.get(issueId) ?? [];
    story.push(what);
    stories.set(issueId, story);
  };
  site.faults.steer((request) => {
    const seen = seenIn(request);
    counts[seen.asked] += 1;
    // A point is aimed, what happens at every request is not.
    const befalls = [...due(points, seen).map(({ act }) => act(seen)), ...always.map((act) => act(seen))];
    // After the acts: what a person does here comes before this request is served.
    if (seen.issueId !== null) tell(seen.issueId, seen.asked);
    return befalls.find((fault) => fault !== undefined);
  });
  return {
    at: (asked, nth, act) => void points.push({ asked, left: nth, act }),
    each: (act) => void always.push(act),
    count: (asked) => counts[asked],
    story: (issueId) => stories.get(issueId) ?? [],
    note: (issueId) => tell(issueId, 'act'),
  };
}

function due(points: Point[], seen: Seen): readonly Point[] {
  for (const point of points) if (point.asked === 'any' || point.asked === seen.asked) point.left -= 1;
  const reached = points.filter(({ left }) => left <= 0);
  for (const point of reached) points.splice(points.indexOf(point), 1);
  return reached;
}

const ISSUE = /^\/rest\/api\/3\/issue\/(\d+)$/;

function seenIn({ method, path }: { readonly method: string; readonly path: string }): Seen {
  const issueId = ISSUE.exec(path)?.[1] ?? null;
  if (issueId === null) return { asked: 'other', issueId };
  return { asked: method === 'PUT' ? 'edit' : 'look', issueId };
}

/** How many acts of people lay between a look of ours and the edit that followed it, where nobody can see them. */
export function actsInWindow(story: readonly (Asked | 'act')[]): number {
  let hasLooked = false;
  let inWindow = 0;
  for (const [index, what] of story.entries()) {
    hasLooked ||= what === 'look';
    if (what !== 'act' || !hasLooked) continue;
    const next = story.slice(index).find((later) => later === 'look' || later === 'edit');
    inWindow += next === 'edit' ? 1 : 0;
  }
  return inWindow;
}
