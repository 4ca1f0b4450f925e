import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { MisconfiguredError } from '../../../src/domain/errors.ts';
import { loadPlaybook } from '../../../src/settings/playbook-store.ts';

export const PLAYBOOK = `projects: [IT]
targets:
  category:
    kind: label
    prefix: cat-
    values: taxonomies/category.yaml
  team:
    kind: select
    field: customfield_10050
    decidedBy: routing
rules:
  - name: phishing
    when: { textMatches: phishing }
    then: { category: security }
`;
export const TAXONOMY = `values:
  access: { description: 'Passwords' }
  security: { description: 'Phishing' }
`;
export const TEAMS = `route: { by: category, team: team }
teams:
  Identity: { takes: [access] }
  Security: { takes: [security] }
`;
export const GOOD = { 'playbook.yaml': PLAYBOOK, 'taxonomies/category.yaml': TAXONOMY, 'teams.yaml': TEAMS };

/** A playbook with a prompt, and what is added to it. */
export const withPrompt = (more: string, user = '{% data %}{{ issue.text }}{% enddata %}') => ({
  'playbook.yaml': `${PLAYBOOK}model: { prompt: prompts/triage.yaml }\n`,
  'prompts/triage.yaml': `system: Sort.\nuser: '${user}'\n${more}\n`,
});

/** A folder outside any repository with these files, gone after the test; null leaves one out. */
export function configWith(files: Readonly<Record<string, string | null>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'triage-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries({ ...GOOD, ...files })) {
    if (content === null) continue;
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

export const load = (files: Readonly<Record<string, string | null>> = {}, commit: string | null = null) =>
  loadPlaybook(configWith(files), commit);

export function faultsOf(files: Readonly<Record<string, string | null>>): readonly string[] {
  try {
    load(files);
    return [];
  } catch (error) {
    if (error instanceof MisconfiguredError) return error.faults;
    throw error;
  }
}
