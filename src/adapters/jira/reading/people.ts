import { findAssignableUsers, getCurrentUser, getProjectComponents, getUser } from 'jira.js/cloud';
import type { Client } from 'jira.js/core';
import { z } from 'zod';
import type { Tracker } from '../../../domain/ports/tracker.ts';
import { canBeAccount } from '../../../domain/ticket/account.ts';
import type { Person } from '../../../domain/ticket/issue.ts';
import { orNull, read, safeKey, safeProject } from './asking.ts';
import { type Remembered, remembered } from './remembered.ts';

const LEADS_MS = 300_000;
const MAX_REMEMBERED = 5_000;

const User = z.looseObject({ accountId: z.string(), displayName: z.string().default('') });
const Users = z.array(z.looseObject({ accountId: z.string() }));
const Account = User.extend({ active: z.boolean() });
const Components = z.array(
  z.looseObject({ name: z.string(), lead: z.looseObject({ accountId: z.string() }).nullish() }),
);

/** Who is who; only our own account, the leads of components and who could be assigned are remembered. */
export function peopleOf(
  client: Client,
  now: () => number,
): Pick<Tracker, 'myself' | 'person' | 'isAssignable' | 'componentLead'> {
  const leads = new Map<string, Remembered<ReadonlyMap<string, string>>>();
  const assignable = new Map<string, { readonly at: number; readonly isAssignable: boolean }>();
  const me = remembered(() => readMyself(client), now);
  return {
    myself: () => me(Number.POSITIVE_INFINITY),
    person: (accountId) => readPerson(client, accountId),
    isAssignable: async (issueKey, accountId, maxAgeMs = 0) => {
      const key = safeKey(issueKey);
      if (!canBeAccount(accountId)) return false;
      const name = `${key.replace(/-\d+$/, '')} ${accountId}`;
      const known = assignable.get(name);
      if (known && now() - known.at < maxAgeMs) return known.isAssignable;
      const answer = { at: now(), isAssignable: await readAssignable(client, key, accountId) };
      if (assignable.size >= MAX_REMEMBERED) assignable.clear();
      assignable.set(name, answer);
      return answer.isAssignable;
    },
    componentLead: async (project, component) => {
      const key = safeProject(project);
      const leadsHere = leads.get(key) ?? remembered(() => readLeads(client, key), now);
      leads.set(key, leadsHere);
      return (await leadsHere(LEADS_MS)).get(component) ?? null;
    },
  };
}

async function readMyself(client: Client): Promise<Person> {
  const { accountId, displayName } = read(User, await getCurrentUser(client));
  return { accountId, displayName };
}

async function readAssignable(client: Client, issueKey: string, accountId: string): Promise<boolean> {
  const users = await orNull(findAssignableUsers(client, { issueKey, accountId }));
  return (users === null ? [] : read(Users, users)).some((user) => user.accountId === accountId);
}

async function readPerson(client: Client, accountId: string) {
  if (!canBeAccount(accountId)) return null;
  const body = await orNull(getUser(client, { accountId }));
  if (body === null) return null;
  const { displayName, active } = read(Account, body);
  return { accountId, displayName, isActive: active };
}

/** Account ids by component; a project that is gone has none. */
async function readLeads(client: Client, project: string): Promise<ReadonlyMap<string, string>> {
  const body = await orNull(getProjectComponents(client, { projectIdOrKey: project }));
  const components = body === null ? [] : read(Components, body);
  return new Map(components.flatMap(({ name, lead }) => (lead ? [[name, lead.accountId] as const] : [])));
}
