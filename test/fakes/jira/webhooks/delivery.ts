import { createHmac } from 'node:crypto';
import type { WebhookTarget } from '../options.ts';

export interface Attempt {
  readonly at: number;
  readonly tookMs: number;
  /** Null when no answer came. */
  readonly status: number | null;
  readonly error?: string;
}

export interface Delivery {
  /** The `X-Atlassian-Webhook-Identifier`, the same for every attempt and duplicate. */
  readonly id: string;
  readonly event: string;
  readonly issueId: string;
  readonly issueKey: string;
  readonly createdAt: number;
  readonly flow: 'Primary' | 'Secondary';
  readonly attempts: Attempt[];
  state: 'pending' | 'delivered' | 'refused' | 'gave-up' | 'dropped';
}

export interface Parcel {
  readonly delivery: Delivery;
  readonly target: WebhookTarget;
  readonly body: Buffer;
  retries: number;
}

const RETRIED = new Set([408, 409, 425, 429]);

/** Posts once and says what came of it. */
export async function post(parcel: Parcel): Promise<Attempt> {
  const at = Date.now();
  const tookMs = () => Date.now() - at;
  try {
    const response = await fetch(parcel.target.url, {
      method: 'POST',
      headers: headersOf(parcel),
      body: new Uint8Array(parcel.body),
      redirect: 'manual',
      signal: AbortSignal.timeout(parcel.target.timeoutMs),
    });
    await response.arrayBuffer();
    return { at, tookMs: tookMs(), status: response.status };
  } catch (error) {
    return { at, tookMs: tookMs(), status: null, error: reasonOf(error) };
  }
}

/** Cloud tries again after these, and lets everything else be final. */
export function mayRetry({ status }: Attempt): boolean {
  return status === null || status >= 500 || RETRIED.has(status);
}

export function wasTaken({ status }: Attempt): boolean {
  return status !== null && status >= 200 && status < 300;
}

export function sign(body: Buffer | string, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

function headersOf({ delivery, target, body, retries }: Parcel): Record<string, string> {
  const plain = { 'Content-Type': 'application/json; charset=UTF-8', ...target.headers };
  if (target.kind === 'automation') return { ...plain, 'User-Agent': 'Automation for Jira App/1.0' };
  return {
    ...plain,
    'User-Agent': 'Atlassian Webhook HTTP Client',
    'X-Atlassian-Webhook-Identifier': delivery.id,
    'X-Atlassian-Webhook-Flow': delivery.flow,
    ...(retries > 0 && { 'X-Atlassian-Webhook-Retry': String(retries) }),
    ...(target.secret !== undefined && { 'X-Hub-Signature': sign(body, target.secret) }),
  };
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
}
