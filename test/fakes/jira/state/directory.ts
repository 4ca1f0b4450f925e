import type { SiteCustomField, SiteOptions, SiteProject, SiteUser, SiteUserDraft } from '../options.ts';
import { userSchema } from '../options.ts';

export interface Named {
  readonly id: string;
  readonly name: string;
}

export interface Status extends Named {
  readonly category: 'new' | 'indeterminate' | 'done';
}

export interface Project extends Omit<SiteProject, 'components' | 'componentLeads' | 'issueTypes' | 'id' | 'name'> {
  readonly id: string;
  readonly name: string;
  components: readonly Named[];
  /** Account ids by component. */
  readonly leads: Map<string, string>;
  readonly issueTypes: readonly Named[];
}

export interface CustomField extends Omit<SiteCustomField, 'options'> {
  options: readonly Named[];
}

/** Everything an issue points to: people, projects, priorities, statuses, fields. */
export interface Directory {
  readonly botId: string;
  readonly users: Map<string, SiteUser>;
  readonly projects: Map<string, Project>;
  priorities: readonly Named[];
  readonly defaultPriority: string;
  readonly statuses: readonly Status[];
  readonly resolutions: Map<string, Named>;
  readonly securityLevels: Map<string, Named>;
  fields: readonly CustomField[];
  nextId: number;
}

export function openDirectory(options: SiteOptions): Directory {
  const directory: Directory = {
    botId: options.bot.accountId,
    users: new Map(),
    projects: new Map(),
    priorities: options.priorities.map((name, index) => ({ id: String(index + 1), name })),
    defaultPriority:
      options.defaultPriority ?? options.priorities[Math.floor(options.priorities.length / 2)] ?? 'Medium',
    statuses: statusesOf(options),
    resolutions: new Map(),
    securityLevels: new Map(),
    fields: [],
    nextId: 10_100,
  };
  for (const user of options.users) putUser(directory, user);
  putUser(directory, botUser(options));
  const issueTypes = new Map<string, Named>();
  for (const [index, project] of options.projects.entries()) addProject(directory, project, { index, issueTypes });
  const fields = options.customFields.map((field) => ({ ...field, options: numbered(directory, field.options) }));
  return Object.assign(directory, { fields });
}

function botUser({ bot }: SiteOptions): SiteUserDraft {
  const { accountId, displayName, email, apiToken } = bot;
  return { accountId, displayName, email, apiToken, accountType: 'app', assignable: false };
}

function statusesOf({ statuses }: SiteOptions): Status[] {
  const open = statuses.open.map((name, index) => ({
    name,
    category: index === 0 ? ('new' as const) : ('indeterminate' as const),
  }));
  const done = statuses.done.map((name) => ({ name, category: 'done' as const }));
  return [...open, ...done].map((status, index) => ({ ...status, id: String(10_000 + index) }));
}

function addProject(
  directory: Directory,
  project: SiteProject,
  { index, issueTypes }: { index: number; issueTypes: Map<string, Named> },
): void {
  const types = project.issueTypes.map((name) => {
    const known = issueTypes.get(name) ?? { id: String(10_001 + issueTypes.size), name };
    issueTypes.set(name, known);
    return known;
  });
  directory.projects.set(project.key, {
    ...project,
    id: project.id ?? String(10_000 + index),
    name: project.name ?? project.key,
    components: numbered(directory, project.components),
    leads: new Map(Object.entries(project.componentLeads)),
    issueTypes: types,
  });
}

/** Gives names their ids, keeping those of `known` ones. */
export function numbered(directory: Directory, wanted: readonly string[], known: readonly Named[] = []): Named[] {
  return wanted.map((name) => known.find((item) => item.name === name) ?? { id: String(directory.nextId++), name });
}

export function putUser(directory: Directory, draft: SiteUserDraft): SiteUser {
  const user = userSchema.parse(draft);
  directory.users.set(user.accountId, user);
  return user;
}

/** An account nobody declared renders as Jira renders a deleted one. */
export function userOf(directory: Directory, accountId: string): SiteUser {
  const known = directory.users.get(accountId);
  if (known) return known;
  return { accountId, displayName: 'Former user', active: false, assignable: false, accountType: 'unknown' };
}

export function projectOf(directory: Directory, key: string): Project {
  return found(directory.projects.get(key), `project '${key}'`);
}

export function statusOf(directory: Directory, name: string): Status {
  return found(byName(directory.statuses, name), `status '${name}'`);
}

export function fieldOf(directory: Directory, id: string): CustomField {
  return found(
    directory.fields.find((field) => field.id === id),
    `field '${id}'`,
  );
}

export function resolutionOf(directory: Directory, name: string): Named {
  return entry(directory, directory.resolutions, name);
}

export function securityLevelOf(directory: Directory, name: string): Named {
  return entry(directory, directory.securityLevels, name);
}

export function byName<Item extends Named>(items: readonly Item[], name: string): Item | undefined {
  return items.find((item) => item.name === name);
}

export function belongs(field: CustomField, projectKey: string): boolean {
  return field.projects === undefined || field.projects.includes(projectKey);
}

export function isAssignable(user: SiteUser | undefined): boolean {
  return user?.active === true && user.assignable && user.accountType !== 'customer';
}

/** Names are compared as written: a draft that names what the site lacks is a mistake in the test. */
export function found<Item>(item: Item | undefined, what: string): Item {
  if (item === undefined) throw new Error(`the simulated site has no ${what}`);
  return item;
}

function entry(directory: Directory, items: Map<string, Named>, name: string): Named {
  const known = items.get(name) ?? { id: String(directory.nextId++), name };
  items.set(name, known);
  return known;
}
