import { getFields } from 'jira.js/cloud';
import type { Client } from 'jira.js/core';
import { z } from 'zod';
import { TransientError } from '../../../domain/errors.ts';
import { JiraDenied, JiraRefusal } from '../transport.ts';
import { read } from './asking.ts';
import { remembered } from './remembered.ts';

const MINUTE_MS = 60_000;
const NAMES_MS = 5 * MINUTE_MS;
const KINDS_MS = 60 * MINUTE_MS;

/** The fields that Jira Service Management adds, by id; their ids differ from site to site. */
export interface CustomerFields {
  readonly requestType: readonly string[];
  readonly organizations: readonly string[];
}

export const NO_CUSTOMER_FIELDS: CustomerFields = { requestType: [], organizations: [] };

/** What fields the site has. */
export interface SiteFields {
  /** Names by id, at most five minutes old. */
  names(): Promise<ReadonlyMap<string, string>>;
  /**
   * At most an hour old, or else the last known. Before any was known: none while Jira does not let us read fields; throws
   * while it is in trouble.
   */
  customer(): Promise<CustomerFields>;
}

const Fields = z.array(
  z.looseObject({
    id: z.string(),
    name: z.string(),
    schema: z.looseObject({ custom: z.string().optional() }).nullish(),
  }),
);
type Fields = z.infer<typeof Fields>;

/** One list serves both questions; a refusal is remembered as well, so that it does not double our requests. */
export function siteFields(client: Client, now: () => number): SiteFields {
  const list = remembered(() => readFields(client), now);
  let known: { readonly customer: CustomerFields; readonly of: Fields } | null = null;
  return {
    names: async () => {
      const fields = await list(NAMES_MS);
      if (fields instanceof Error) throw fields;
      return new Map(fields.map(({ id, name }) => [id, name]));
    },
    customer: async () => {
      try {
        const fields = await withoutOldRefusals(list);
        if (fields instanceof Error) return known?.customer ?? NO_CUSTOMER_FIELDS;
        if (known?.of !== fields) known = { customer: customerFieldsAmong(fields), of: fields };
        return known.customer;
      } catch (error) {
        if (known) return known.customer;
        throw error;
      }
    },
  };
}

async function readFields(client: Client): Promise<Fields | Error> {
  try {
    const fields = read(Fields, await getFields(client));
    // A site without a summary is one that does not tell its fields; nobody should take its fields for deleted.
    if (fields.some(({ id }) => id === 'summary')) return fields;
    return new TransientError('Jira told no fields');
  } catch (error) {
    if (error instanceof JiraRefusal || error instanceof JiraDenied) return error;
    throw error;
  }
}

/** A right that was given meanwhile counts sooner than after an hour. */
async function withoutOldRefusals(list: (maxAgeMs: number) => Promise<Fields | Error>): Promise<Fields | Error> {
  const fields = await list(KINDS_MS);
  return fields instanceof Error ? list(NAMES_MS) : fields;
}

function customerFieldsAmong(fields: Fields): CustomerFields {
  const made = (kind: string) =>
    fields.flatMap(({ id, schema }) =>
      schema?.custom === kind || schema?.custom === `com.atlassian.servicedesk:${kind}` ? [id] : [],
    );
  return { requestType: made('vp-origin'), organizations: made('sd-customer-organizations') };
}
