import { createCloudClient } from 'jira.js/cloud';
import { z } from 'zod';
import { botCredentials } from '../options.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed JSON, or undefined when it is none. */
  readonly json: z.infer<typeof answerSchema>;
}

/** Loose enough to look anywhere, so that tests read like the JSON they expect. */
const answerSchema = z.any();

/** The real client, signed in as the bot; an answer it finds misshapen fails the test. */
export function clientOf(site: { readonly url: string }) {
  return createCloudClient({ host: site.url, auth: { type: 'basic', ...botCredentials }, onSchemaMismatch: 'throw' });
}

/** A bare request. `as` is `email:token`, the bot unless said, null for nobody. */
export async function ask(
  url: string,
  {
    method = 'GET',
    body,
    as = `${botCredentials.email}:${botCredentials.apiToken}`,
  }: { method?: string; body?: unknown; as?: string | null } = {},
): Promise<Answer> {
  const headers = {
    ...(as !== null && { Authorization: `Basic ${Buffer.from(as).toString('base64')}` }),
    ...(body !== undefined && { 'Content-Type': 'application/json' }),
  };
  const response = await fetch(url, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parsed(text) };
}

function parsed(text: string): z.infer<typeof answerSchema> {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The smallest Atlassian Document. */
export function paragraph(text: string) {
  return {
    type: 'doc' as const,
    version: 1 as const,
    content: [{ type: 'paragraph' as const, content: [{ type: 'text' as const, text }] }],
  };
}
