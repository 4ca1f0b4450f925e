import { bulkFetchIssues } from 'jira.js/cloud';
import type { Client } from 'jira.js/core';
import { z } from 'zod';
import { PermanentError, TransientError } from '../../../domain/errors.ts';
import type { Whereabouts } from '../../../domain/ports/tracker.ts';

const MAX_IDS = 100;

const Found = z.looseObject({
  issues: z.array(
    z.looseObject({
      id: z.string(),
      fields: z.looseObject({
        project: z.looseObject({ key: z.string() }),
        security: z.looseObject({ name: z.string() }).nullish(),
      }),
    }),
  ),
  issueErrors: z.array(z.unknown()).nullish(),
});

/**
 * Where these issues are now; what Jira does not answer is gone or hidden from us. Throws `PermanentError` for more than
 * 100, `TransientError` when Jira could not look one of them up: that says nothing about whether it is there.
 */
export async function whereaboutsOf(client: Client, ids: readonly string[]): Promise<ReadonlyMap<string, Whereabouts>> {
  const wanted = [...new Set(ids)].filter((id) => /^\d+$/.test(id));
  if (wanted.length > MAX_IDS)
    throw new PermanentError(`asked for ${wanted.length} issues at once; ask for ${MAX_IDS}`);
  if (wanted.length === 0) return new Map();
  const body = await bulkFetchIssues(client, { issueIdsOrKeys: wanted, fields: ['project', 'security'] });
  const { issues, issueErrors } = Found.parse(body);
  if (issueErrors && issueErrors.length > 0)
    throw new TransientError(`Jira could not look up ${issueErrors.length} of ${wanted.length} issues`);
  return new Map(
    issues.map(({ id, fields }) => [id, { project: fields.project.key, securityLevel: fields.security?.name ?? null }]),
  );
}
