import { z } from 'zod';
import type { SiteContext } from '../context.ts';
import type { IssueFields } from '../model.ts';
import { fieldOf, found, type Named, numbered, projectOf, putUser } from './directory.ts';

const rename = { from: z.string(), to: z.string() };
const account = z.object({
  displayName: z.string().optional(),
  email: z.string().optional(),
  active: z.boolean().optional(),
  assignable: z.boolean().optional(),
});

/** What an administrator of the site may do at any time; issues keep what they have, and no history tells of it. */
export const adminSchema = z.discriminatedUnion('kind', [
  /** Changes an account, for example `{ active: false }`. */
  z.object({ kind: z.literal('user'), accountId: z.string(), change: account }),
  /** Grants or takes a permission of the bot, such as `EDIT_ISSUES` or `USER_PICKER`. */
  z.object({ kind: z.literal('permission'), permission: z.string(), granted: z.boolean() }),
  z.object({ kind: z.literal('priorities'), names: z.array(z.string()) }),
  z.object({ kind: z.literal('components'), projectKey: z.string(), names: z.array(z.string()) }),
  z.object({ kind: z.literal('options'), fieldId: z.string(), names: z.array(z.string()) }),
  z.object({ kind: z.literal('rename-priority'), ...rename }),
  z.object({ kind: z.literal('rename-component'), projectKey: z.string(), ...rename }),
  z.object({ kind: z.literal('rename-option'), fieldId: z.string(), ...rename }),
  /** Null: nobody leads it any more. */
  z.object({
    kind: z.literal('component-lead'),
    projectKey: z.string(),
    component: z.string(),
    accountId: z.string().nullable(),
  }),
  z.object({ kind: z.literal('delete-field'), fieldId: z.string() }),
]);

export type AdminOrder = z.input<typeof adminSchema>;
type Order<Kind extends AdminOrder['kind']> = Extract<AdminOrder, { kind: Kind }>;

/** Does it; searches notice at once. */
export function administer(context: SiteContext, order: AdminOrder): void {
  carryOut(context, adminSchema.parse(order));
  context.store.version += 1;
}

function carryOut(context: SiteContext, order: AdminOrder): void {
  if (order.kind === 'user') changeUser(context, order);
  else if (order.kind === 'permission') context.permissions.set(order.permission, order.granted);
  else if (order.kind === 'component-lead') setLead(context, order);
  else if (order.kind === 'rename-priority') renamePriority(context, order);
  else if (order.kind === 'rename-component') renameComponent(context, order);
  else if (order.kind === 'rename-option') renameOption(context, order);
  else if (order.kind === 'delete-field') deleteField(context, order);
  else offer(context, order);
}

/** What may be chosen from now on. */
function offer({ directory }: SiteContext, order: Order<'priorities' | 'components' | 'options'>): void {
  if (order.kind === 'priorities') {
    directory.priorities = numbered(directory, order.names, directory.priorities);
  } else if (order.kind === 'components') {
    const project = projectOf(directory, order.projectKey);
    project.components = numbered(directory, order.names, project.components);
  } else {
    const field = fieldOf(directory, order.fieldId);
    field.options = numbered(directory, order.names, field.options);
  }
}

function changeUser({ directory }: SiteContext, { accountId, change }: Order<'user'>): void {
  putUser(directory, { ...found(directory.users.get(accountId), `user '${accountId}'`), ...change });
}

function setLead({ directory }: SiteContext, { projectKey, component, accountId }: Order<'component-lead'>): void {
  const { leads } = projectOf(directory, projectKey);
  if (accountId === null) leads.delete(component);
  if (accountId !== null) leads.set(component, accountId);
}

function renamePriority(context: SiteContext, order: Order<'rename-priority'>): void {
  context.directory.priorities = renamed(context.directory.priorities, order);
  everywhere(context, (fields) => ({
    ...fields,
    priority: fields.priority === null ? null : swap(fields.priority, order),
  }));
}

function renameComponent(context: SiteContext, order: Order<'rename-component'>): void {
  const project = projectOf(context.directory, order.projectKey);
  project.components = renamed(project.components, order);
  const lead = project.leads.get(order.from);
  if (lead !== undefined) project.leads.set(order.to, lead);
  everywhere(context, (fields, projectKey) => {
    const isHere = projectKey === order.projectKey;
    return isHere ? { ...fields, components: fields.components.map((name) => swap(name, order)) } : fields;
  });
}

function renameOption(context: SiteContext, order: Order<'rename-option'>): void {
  const field = fieldOf(context.directory, order.fieldId);
  field.options = renamed(field.options, order);
  everywhere(context, (fields) => {
    const value = fields.custom[order.fieldId];
    if (value === undefined) return fields;
    return { ...fields, custom: { ...fields.custom, [order.fieldId]: swap(value, order) } };
  });
}

function deleteField(context: SiteContext, { fieldId }: Order<'delete-field'>): void {
  const gone = fieldOf(context.directory, fieldId);
  context.directory.fields = context.directory.fields.filter((field) => field !== gone);
  everywhere(context, (fields) => {
    const { [fieldId]: _, ...custom } = fields.custom;
    return { ...fields, custom };
  });
}

interface Rename {
  readonly from: string;
  readonly to: string;
}

function renamed(items: readonly Named[], { from, to }: Rename): Named[] {
  found(
    items.find(({ name }) => name === from),
    `value '${from}'`,
  );
  return items.map((item) => (item.name === from ? { ...item, name: to } : item));
}

function swap(name: string, { from, to }: Rename): string {
  return name === from ? to : name;
}

function everywhere(context: SiteContext, change: (fields: IssueFields, projectKey: string) => IssueFields): void {
  for (const record of context.store.records.values()) {
    record.fields = change(record.fields, record.projectKey);
    record.past = record.past.map((view) => ({ ...view, fields: change(view.fields, record.projectKey) }));
  }
}
