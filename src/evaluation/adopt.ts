import type { Playbook } from '../domain/playbook/playbook.ts';

/** The playbook of a file with everything that the desk's own says about asking a model; the classifier stays as it was. */
export function withModelOf(own: Playbook, desk: Playbook, description: string): Playbook {
  const { model, prompts, privacy, plugins, services } = desk;
  const { shown, maxEvidenceTokens } = desk.retrieval;
  return {
    ...own,
    ...(model ? { model } : {}),
    prompts,
    privacy,
    plugins,
    services,
    retrieval: { ...own.retrieval, shown, maxEvidenceTokens },
    targets: own.targets.map((target) => ({ ...target, description })),
  };
}
