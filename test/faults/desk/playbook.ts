import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import type { PlaybookFileSchema } from '../../../src/domain/playbook/playbook.ts';
import type { IssueDraft } from '../../fakes/jira/model.ts';
import type { SiteOptionsDraft } from '../../fakes/jira/options.ts';
import { targetWith } from '../../support/fixtures.ts';

type PlaybookInput = z.input<typeof PlaybookFileSchema>;

/** What a ticket gets whose text names the matter; rules decide, so that every ticket is edited and none costs much. */
export const MATTERS = {
  vpn: { category: 'vpn', component: 'Login' },
  login: { category: 'access', priority: 'High' },
  printer: { category: 'printer', component: 'Printer', priority: 'Low' },
} as const;
export type Matter = keyof typeof MATTERS;
export const MATTER_NAMES = ['vpn', 'login', 'printer'] as const satisfies readonly Matter[];

const targets = {
  category: { kind: 'label', prefix: 'cat-', mode: 'auto' },
  component: { kind: 'component', mode: 'auto' },
  priority: { kind: 'priority', defaults: ['Medium'], mode: 'auto' },
} as const satisfies PlaybookInput['targets'];

/** The targets of every fault desk. */
export const TARGETS = Object.entries(targets).map(([name, declared]) => targetWith(name, declared));

export const REPORTER = 'customer-cy';
export const ADA = 'agent-ada';

/** A site for this playbook; its OpenAPI check is off, for it takes a third of the time and other suites have it on. */
export const SITE: SiteOptionsDraft = {
  projects: [{ key: 'IT', components: ['Login', 'Printer', 'Mail'] }],
  priorities: ['High', 'Medium', 'Low'],
  defaultPriority: 'Medium',
  openapi: 'off',
  requestLogSize: 200,
};

/** `config/` in this folder; `parts` go over the playbook, `files` lie beside it. */
export async function writePlaybook(
  folder: string,
  parts: Partial<PlaybookInput> = {},
  files: Readonly<Record<string, string>> = {},
): Promise<string> {
  const config = join(folder, 'config');
  await mkdir(join(config, 'prompts'), { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(config, name), text);
  const draft: PlaybookInput = {
    projects: ['IT'],
    targets,
    rules: MATTER_NAMES.map(ruleFor),
    bursts: { tickets: 0 },
    ...parts,
  };
  await replaceWhole(join(config, 'playbook.yaml'), JSON.stringify(draft, null, 2));
  return config;
}

/** As a deployment does it: nobody ever reads half a file. */
export async function replaceWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.next`, text);
  await rename(`${path}.next`, path);
}

function ruleFor(matter: Matter) {
  // biome-ignore lint/suspicious/noThenProperty: reads as the sentence "when … then …" in YAML
  return { name: matter, when: { textMatches: `\\b${matter}\\b` }, then: MATTERS[matter] };
}

/** A new ticket about this matter. */
export function ticketAbout(matter: Matter, number: number): IssueDraft {
  return {
    projectKey: 'IT',
    summary: `${matter} does not work, report ${number}`,
    description: 'Since this morning, on two machines.',
    reporter: REPORTER,
    priority: 'Medium',
  };
}
