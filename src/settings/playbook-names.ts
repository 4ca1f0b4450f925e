import type { Playbook } from '../domain/playbook/playbook.ts';

/** Why this is no target, null when it is one. */
export function targetFault({ targets }: Playbook, name: string): string | null {
  if (targets.some((target) => target.name === name)) return null;
  return `unknown target "${name}", known are ${listed(targets.map((target) => target.name))}`;
}

/** Why a target cannot take this value, null when it can; without a taxonomy it takes any. */
export function valueFault({ taxonomies }: Playbook, target: string, value: string): string | null {
  const taxonomy = taxonomies.get(target);
  if (!taxonomy || Object.hasOwn(taxonomy.values, value)) return null;
  return `"${value}" is not in the taxonomy of ${target}: ${listed(Object.keys(taxonomy.values))}`;
}

const MAX_LISTED = 40;

/** Names in a sentence, the first forty of them. */
export function listed(names: readonly string[]): string {
  const more = names.length - MAX_LISTED;
  return more > 0 ? `${names.slice(0, MAX_LISTED).join(', ')} and ${more} more` : names.join(', ');
}
