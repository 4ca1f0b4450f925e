import express from 'express';
import { createOpsApp } from '../../../src/admin/app.ts';
import { adminRoutes } from '../../../src/admin/routes.ts';
import { queueUndos, steering } from '../../../src/compose/steering/steering.ts';
import { inputHash } from '../../../src/domain/ticket/input-hash.ts';
import type { Issue } from '../../../src/domain/ticket/issue.ts';
import { receiver } from '../../../src/intake/receive.ts';
import type { Publish } from '../../../src/queue/catalogue.ts';
import { openLog } from '../../../src/telemetry/log.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { apply } from '../../../src/write-back/apply.ts';
import { answersFake } from '../../fakes/answers.ts';
import { ledgerFake } from '../../fakes/ledger.ts';
import { memoryFake } from '../../fakes/memory.ts';
import { ADMIN_TOKEN } from '../../support/env.ts';
import { decisionWith, issueWith, playbookWith } from '../../support/fixtures.ts';
import { listen } from '../support/server.ts';
import { deskWith } from '../support/tracker.ts';

export const NOW = new Date('2026-05-01T12:00:00.000Z');
export const CLASSIFIER = { version: 'v1', tickets: 60, storedAt: '2026-05-01T08:00:00.000Z', targets: ['category'] };

interface Published {
  readonly queue: string;
  readonly payloads: readonly unknown[];
  readonly urgency: string;
}

export interface AdminOptions {
  readonly issues?: readonly Issue[];
  readonly areWritesOn?: boolean;
  readonly token?: string | null;
  readonly unrecorded?: () => Promise<number>;
}

/** The admin routes of a desk, on a port of their own, with everything behind them but Jira and the database. */
export async function openAdmin({
  issues = [issueWith()],
  areWritesOn = true,
  token = ADMIN_TOKEN,
  unrecorded = async () => 3,
}: AdminOptions = {}) {
  const published: Published[] = [];
  const publish: Publish = async (queue, payloads, { urgency = 'in turn' } = {}) =>
    void published.push({ queue, payloads, urgency });
  const clock = { now: () => NOW };
  const ledger = ledgerFake(clock);
  const desk = deskWith(...issues);
  const playbook = playbookWith();
  const answers = answersFake();
  const parts = { ledger, tracker: desk, clock, playbook: () => playbook, areWritesOn, site: 'acme.atlassian.net' };
  const receive = receiver({ ledger, publish });
  const admin = adminRoutes({
    ...parts,
    token,
    memory: memoryFake(),
    answers,
    models: () => [{ endpoint: 'main', model: 'mini' }],
    revision: () => 'rev-1',
    playbookTrouble: () => [],
    classifier: () => CLASSIFIER,
    unrecorded,
    steering: steering({ ...parts, retentionDays: 90, publish, receive, carryOut: queueUndos(publish) }),
  });
  const app = createOpsApp({
    readiness: {},
    observe: async () => {},
    admin,
    metrics: createMetrics(),
    log: openLog('silent'),
  });
  const server = await listen(express().use(app));
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const call = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${server.url}/admin${path}`, { headers, ...init });
    return { status: response.status, body: await response.json() };
  };
  return {
    ...server,
    published,
    ledger,
    desk,
    playbook,
    get: (path: string, more: RequestInit = {}) => call(path, more),
    post: (path: string, body?: unknown) =>
      call(path, {
        method: 'POST',
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    /** Decides and writes these values on an issue. */
    write: async (issue: Issue, values: Readonly<Record<string, string>>, revision = 'test-revision') => {
      const about = { issueId: issue.id, issueKey: issue.key, inputHash: inputHash(issue), revision, values };
      const { id } = await ledger.recordDecision(decisionWith(about));
      return apply(id, { ...playbook, revision }, { tracker: desk, ledger, clock, assertStillOurs: async () => {} });
    },
  };
}
