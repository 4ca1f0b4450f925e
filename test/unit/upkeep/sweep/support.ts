import { z } from 'zod';
import type { Delivery } from '../../../../src/domain/decision/delivery.ts';
import { PermanentError } from '../../../../src/domain/errors.ts';
import type { Glimpse } from '../../../../src/domain/ports/tracker.ts';
import { receiver } from '../../../../src/intake/receive.ts';
import type { Publish } from '../../../../src/queue/catalogue.ts';
import { type SweepOptions, type SweepPorts, sweepTickets } from '../../../../src/upkeep/sweep/sweep.ts';
import { ledgerFake } from '../../../fakes/ledger.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const SITE = 'acme.atlassian.net';
const START = Date.parse('2026-05-01T08:00:00.000Z');

const About = z.object({ issueId: z.string() });
const Published = About.extend({ others: z.array(About).default([]) });

/** An issue of the site; `indexedAt`: search does not show it, or its newest change, before. */
interface SiteIssue extends Glimpse {
  readonly indexedAt: number;
}

export type SweepWorld = ReturnType<typeof sweepWorld>;

/**
 * A site that is searched as Jira is: by its own clock, by the minute, in short pages; and a ledger with another clock. Page
 * tokens are places in the list as it is when they are used, which is the worst that a site could do.
 */
export function sweepWorld({ pageSize = 100, projects = ['IT'] as readonly string[] } = {}) {
  const jira = { now: START };
  const ours = { now: START };
  const issues = new Map<string, SiteIssue>();
  const asked: { jql: string; page: string | null; fresh: readonly string[] }[] = [];
  const jobs: { queue: string; issueId: string; urgency: string | undefined }[] = [];
  const hidden = new Set<string>();
  /** Done before each page is shown. */
  const interventions: (() => void)[] = [];
  const ledger = ledgerFake({ now: () => new Date(ours.now) });
  const publish: Publish = async (queue, payloads, { urgency } = {}) => {
    for (const { others, ...first } of payloads.map((payload) => Published.parse(payload)))
      for (const { issueId } of [first, ...others]) jobs.push({ queue, issueId, urgency });
  };
  let lastId = 10_000;

  const pass = (ms: number) => {
    jira.now += ms;
    ours.now += ms;
  };
  const put = (issue: SiteIssue) => void issues.set(issue.id, issue);
  const create = ({ ageMs = 0, lagMs = 0, ...parts }: Partial<Glimpse> & { ageMs?: number; lagMs?: number } = {}) => {
    lastId += 1;
    const at = new Date(jira.now - ageMs).toISOString();
    const id = parts.id ?? String(lastId);
    const plain = { id, key: `IT-${id}`, project: 'IT', created: at, updated: at, isFinished: false, mark: null };
    put({ ...plain, indexedAt: jira.now + lagMs, ...parts });
    return id;
  };
  const change = (id: string, parts: Partial<Glimpse> = {}) => {
    const issue = issues.get(id);
    if (!issue) throw new Error(`no issue ${id}`);
    put({ ...issue, updated: new Date(jira.now).toISOString(), ...parts });
  };
  const tracker: SweepPorts['tracker'] = {
    serverTime: async () => new Date(jira.now).toISOString(),
    count: async (jql) => found(jql).length,
    glimpse: async ({ jql, fresh }, page) => {
      asked.push({ jql, page, fresh });
      interventions.shift()?.();
      const all = found(jql);
      const from = Number(page ?? 0);
      const shown = all.slice(from, from + pageSize);
      const next = from + shown.length < all.length ? String(from + shown.length) : null;
      return { issues: shown, next };
    },
  };
  function found(jql: string): readonly Glimpse[] {
    const parts = /^project = "(\w+)" AND (created|updated) >= "-(\d+)m" ORDER BY \2 ASC, key ASC$/.exec(jql);
    const [, project = '', field, minutes] = parts ?? [];
    if (!parts || (field !== 'created' && field !== 'updated')) throw new PermanentError(`JQL? ${jql}`);
    if (hidden.has(project)) throw new PermanentError(`The value '${project}' does not exist for the field 'project'.`);
    const limit = Math.floor((jira.now - Number(minutes) * MINUTE) / MINUTE) * MINUTE;
    return [...issues.values()]
      .filter((issue) => issue.project === project && Date.parse(issue[field]) >= limit && issue.indexedAt <= jira.now)
      .sort((one, other) => Date.parse(one[field]) - Date.parse(other[field]) || Number(one.id) - Number(other.id));
  }
  const webhook = async (id: string, intent: 'triage' | 'learn' = 'triage') => {
    const [receipt] = await ledger.receive([webhookOf(id, intent)]);
    return receipt?.id ?? '';
  };
  const ports = {
    site: SITE,
    tracker,
    ledger,
    receive: receiver({ ledger, publish }),
    clock: { now: () => new Date(ours.now) },
  };
  const sweep = (options: Partial<SweepOptions> = {}) =>
    sweepTickets({ projects }, ports, { retentionDays: 90, ...options });
  const triaged = () => jobs.filter(({ queue }) => queue === 'triage').map(({ issueId }) => issueId);
  const learnt = () => jobs.filter(({ queue }) => queue === 'feedback').map(({ issueId }) => issueId);
  return {
    jira,
    ours,
    issues,
    asked,
    jobs,
    hidden,
    interventions,
    ledger,
    ports,
    pass,
    create,
    change,
    webhook,
    sweep,
    triaged,
    learnt,
  };
}

let bodies = 0;

function webhookOf(issueId: string, intent: 'triage' | 'learn'): Delivery {
  bodies += 1;
  return {
    site: SITE,
    door: 'webhook',
    identifier: `id-${bodies}`,
    contentHash: `body-${bodies}`,
    event: intent === 'triage' ? 'jira:issue_created' : 'jira:issue_updated',
    issueId,
    issueKey: `IT-${issueId}`,
    plan: { kind: 'do', intent, isForced: false },
  };
}
