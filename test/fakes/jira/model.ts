import { z } from 'zod';
import type { SiteProject } from './options.ts';

const moment = z.union([z.string(), z.number()]);
const text = z.union([z.string(), z.record(z.string(), z.unknown()), z.null()]);

/** An issue to put into the site. Times are epoch milliseconds or anything `new Date` reads. */
export const draftSchema = z.object({
  projectKey: z.string(),
  summary: z.string(),
  /** Wiki markup, an Atlassian Document, or nothing. */
  description: text.optional(),
  issueType: z.string().optional(),
  reporter: z.string().optional(),
  priority: z.string().optional(),
  labels: z.array(z.string()).optional(),
  components: z.array(z.string()).optional(),
  assignee: z.string().nullish(),
  /** Option value, text or account id, by field id. */
  custom: z.record(z.string(), z.string()).optional(),
  status: z.string().optional(),
  resolution: z.string().nullish(),
  created: moment.optional(),
  updated: moment.optional(),
  resolved: moment.nullish(),
  securityLevel: z.string().nullish(),
  key: z.string().optional(),
});

/** What a person changes. `labels` replaces the set, `addLabels` and `removeLabels` merge. */
export const changeSchema = z.object({
  summary: z.string().optional(),
  description: text.optional(),
  issueType: z.string().optional(),
  reporter: z.string().optional(),
  priority: z.string().nullish(),
  labels: z.array(z.string()).optional(),
  addLabels: z.array(z.string()).optional(),
  removeLabels: z.array(z.string()).optional(),
  components: z.array(z.string()).optional(),
  assignee: z.string().nullish(),
  custom: z.record(z.string(), z.string().nullable()).optional(),
  status: z.string().optional(),
  resolution: z.string().nullish(),
  securityLevel: z.string().nullish(),
});

/** `silent` writes history without a webhook; `bulk` sends it on the Secondary flow. */
export const eventOptionsSchema = z.object({
  at: moment.optional(),
  silent: z.boolean().optional(),
  bulk: z.boolean().optional(),
});

export type IssueDraft = z.input<typeof draftSchema>;
export type IssueChange = z.input<typeof changeSchema>;
export type EventOptions = z.input<typeof eventOptionsSchema>;
export type AdfDocument = Readonly<Record<string, unknown>>;
export type RichText = string | AdfDocument | null;

export interface ChangeItem {
  readonly field: string;
  readonly fieldtype: 'jira' | 'custom';
  readonly fieldId: string;
  readonly from: string | null;
  readonly fromString: string | null;
  readonly to: string | null;
  readonly toString: string | null;
  readonly tmpFromAccountId?: string | null;
  readonly tmpToAccountId?: string | null;
}

export interface History {
  readonly id: string;
  readonly author: string;
  readonly at: number;
  readonly items: readonly ChangeItem[];
}

export interface SiteComment {
  readonly id: string;
  readonly author: string;
  readonly body: RichText;
  readonly internal: boolean;
  readonly created: number;
  readonly updated: number;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** The values of an issue at one moment; replaced whole by every change, so a snapshot is a reference. */
export interface IssueFields {
  readonly summary: string;
  readonly description: RichText;
  readonly issueType: string;
  readonly reporter: string;
  readonly creator: string;
  readonly priority: string | null;
  readonly labels: readonly string[];
  readonly components: readonly string[];
  readonly assignee: string | null;
  readonly custom: Readonly<Record<string, string>>;
  readonly status: string;
  readonly statusChanged: number;
  readonly resolution: string | null;
  readonly created: number;
  readonly updated: number;
  readonly resolved: number | null;
  readonly securityLevel: string | null;
}

export interface SiteIssue extends IssueFields {
  readonly id: string;
  readonly key: string;
  readonly projectKey: SiteProject['key'];
  readonly comments: readonly SiteComment[];
  readonly properties: Readonly<Record<string, unknown>>;
  /** Oldest first. */
  readonly histories: readonly History[];
}

/** One accepted mutation by the bot, oldest first in the log. */
export type BotEdit =
  | { readonly at: number; readonly kind: 'edit'; readonly items: readonly ChangeItem[]; readonly body: unknown }
  | { readonly at: number; readonly kind: 'assign'; readonly items: readonly ChangeItem[]; readonly to: string | null }
  | {
      readonly at: number;
      readonly kind: 'comment';
      readonly id: string;
      readonly internal: boolean;
      readonly text: string;
    }
  | { readonly at: number; readonly kind: 'property'; readonly key: string; readonly value: unknown };

export function toMillis(moment: string | number): number {
  const millis = typeof moment === 'number' ? moment : new Date(moment).getTime();
  if (Number.isNaN(millis)) throw new Error(`not a time: ${moment}`);
  return millis;
}
