import type { Playbook } from '../domain/playbook/playbook.ts';

/** Why this is no target, null when it is one. */
export function targetFault({ targets }: Playbook, name: string): string | null {
  if (targets.some((target) => target.name === name)) return null;
  return `unknown target "${name}", known are ${targets.map((target) => target.name).join(', ')}`;
}

/** Why a target cannot take this value, null when it can; without a taxonomy it takes any. */
export function valueFault({ taxonomies }: Playbook, target: string, value: string): string | null {
  const taxonomy = taxonomies.get(target);
  if (!taxonomy || Object.hasOwn(taxonomy.values, value)) return null;
  return `"${value}" is not in the taxonomy of ${target}: ${Object.keys(taxonomy.values).join(', ')}`;
}
