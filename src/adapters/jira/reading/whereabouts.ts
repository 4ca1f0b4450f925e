import { bulkFetchIssues } from 'jira.js/cloud';
import type { Client } from 'jira.js/core';
import { z } from 'zod';
import { PermanentError } from '../../../domain/errors.ts';
import type { Whereabouts } from '../../../domain/ports/tracker.ts';
import { read } from './asking.ts';

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
  issueErrors: z.array(z.looseObject({ id: z.coerce.string().optional().catch(undefined) })).nullish(),
});

/**
 * Where these issues are now; what Jira does not answer is gone or hidden from us, and null is what it could not look up.
 * Throws `PermanentError` for more than 100.
 */
export async function whereaboutsOf(
  client: Client,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Whereabouts | null>> {
  const wanted = [...new Set(ids)].filter((id) => /^\d+$/.test(id));
  if (wanted.length > MAX_IDS)
    throw new PermanentError(`asked for ${wanted.length} issues at once; ask for ${MAX_IDS}`);
  if (wanted.length === 0) return new Map();
  const body = await bulkFetchIssues(client, { issueIdsOrKeys: wanted, fields: ['project', 'security'] });
  const { issues, issueErrors } = read(Found, body);
  const found = issues.map(
    ({ id, fields }) => [id, { project: fields.project.key, securityLevel: fields.security?.name ?? null }] as const,
  );
  return new Map([...inTrouble(wanted, issueErrors ?? []).map((id) => [id, null] as const), ...found]);
}

/** An error that does not say which issue it is about may be about any that was not answered. */
function inTrouble(
  wanted: readonly string[],
  errors: readonly { readonly id?: string | undefined }[],
): readonly string[] {
  const named = new Set(errors.map(({ id }) => id));
  return named.has(undefined) ? wanted : wanted.filter((id) => named.has(id));
}
