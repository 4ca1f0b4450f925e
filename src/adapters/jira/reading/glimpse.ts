import { getServerInfo, searchAndReconsileIssuesUsingJqlPost } from 'jira.js/cloud';
import type { Client } from 'jira.js/core';
import { z } from 'zod';
import { TransientError } from '../../../domain/errors.ts';
import type { Tracker } from '../../../domain/ports/tracker.ts';
import { glimpseOf, MARK_KEY } from '../issue-schema.ts';
import { read } from './asking.ts';

const PAGE = 100;
/** Jira's own limit on issues that are looked at past the lag of its index. */
const MAX_FRESH = 50;

const Page = z.looseObject({
  issues: z.array(z.unknown()),
  isLast: z.boolean().nullish(),
  nextPageToken: z.string().nullish(),
});

const ServerInfo = z.looseObject({ serverTime: z.string() });

/** What a search tells at the least; and Jira's clock. */
export function glimpses(client: Client): Pick<Tracker, 'glimpse' | 'serverTime'> {
  return {
    glimpse: async ({ jql, fresh }, page) => {
      const answer = await searchAndReconsileIssuesUsingJqlPost(client, {
        jql,
        fields: ['project', 'created', 'updated', 'status'],
        maxResults: PAGE,
        properties: [MARK_KEY],
        ...(fresh.length === 0 ? {} : { reconcileIssues: fresh.slice(0, MAX_FRESH).map(Number) }),
        ...(page === null ? {} : { nextPageToken: page }),
      });
      const { issues, isLast, nextPageToken } = read(Page, answer);
      return { issues: issues.map(glimpseOf), next: isLast ? null : (nextPageToken ?? null) };
    },
    serverTime: async () => {
      const at = new Date(read(ServerInfo, await getServerInfo(client)).serverTime);
      if (Number.isNaN(at.getTime())) throw new TransientError('Jira does not tell its time');
      return at.toISOString();
    },
  };
}
