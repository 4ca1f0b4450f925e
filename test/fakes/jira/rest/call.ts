import type { Actor, SiteContext } from '../context.ts';
import { visibleIssue } from '../context.ts';
import type { Reply } from '../gate/reply.ts';
import { issueMissing, refusal } from '../gate/reply.ts';
import type { ApiVersion } from '../render/people.ts';
import type { IssueRecord } from '../state/store.ts';

/** A request that passed the gate. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  /** The body as it came. */
  readonly bodyText: string;
  readonly actor: Actor;
  readonly version: ApiVersion;
}

export type Handler = (context: SiteContext, call: Call) => Reply;

export function issueOf(context: SiteContext, call: Call): IssueRecord {
  const record = visibleIssue(context, call.actor, call.params['issue'] ?? '');
  if (!record) throw issueMissing();
  return record;
}

/** A query parameter that may be repeated or hold commas. */
export function listParam(call: Call, name: string): string[] {
  const value = call.query[name];
  const parts = Array.isArray(value) ? value.map(String) : typeof value === 'string' ? [value] : [];
  return parts.flatMap((part) => part.split(',')).filter((part) => part !== '');
}

export function textParam(call: Call, name: string): string | undefined {
  const value = call.query[name];
  return typeof value === 'string' ? value : undefined;
}

export function isOn(call: Call, name: string, otherwise = false): boolean {
  return (textParam(call, name) ?? String(otherwise)) === 'true';
}

export function numberParam(call: Call, name: string, otherwise: number): number {
  const value = Number(textParam(call, name) ?? otherwise);
  if (!Number.isInteger(value) || value < 0) throw refusal(400, `The ${name} parameter is not valid.`);
  return value;
}

export function actorId(call: Call): string {
  return call.actor.kind === 'user' ? call.actor.user.accountId : 'anonymous';
}

export function isBot(context: SiteContext, call: Call): boolean {
  return actorId(call) === context.directory.botId;
}
