import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { vi } from 'vitest';
import type { z } from 'zod';
import type { PlaybookFileSchema } from '../../src/domain/playbook/playbook.ts';
import type { TeamsSchema } from '../../src/domain/playbook/teams.ts';
import type { JiraSite } from '../fakes/jira/door.ts';
import type { IssueDraft, SiteIssue } from '../fakes/jira/model.ts';
import type { SiteOptionsDraft } from '../fakes/jira/options.ts';
import type { Admin, AdminStory } from './admin.ts';
import { TEAM_FIELD } from './desk.ts';
import type { Service } from './service.ts';
import { type TestStage, testStage } from './stage.ts';

type PlaybookInput = z.input<typeof PlaybookFileSchema>;
export type TeamsInput = z.input<typeof TeamsSchema>['teams'];

export const ADA = 'agent-ada';
export const REPORTER = 'customer-cy';
/** Longer than anything takes, for conditions that are waited for. */
const PATIENCE = { timeout: 20_000, interval: 20 };

export interface ColleagueDraft {
  readonly teams?: TeamsInput;
  /** Over the category, which is decided by the words below, and over team and assignee where there are teams. */
  readonly targets?: PlaybookInput['targets'];
  readonly playbook?: Partial<Omit<PlaybookInput, 'targets'>>;
  /** A ticket that says one of these words is of that category; whatever teams take when absent. */
  readonly words?: readonly string[];
  /** Further values that such a ticket gets. */
  readonly alongside?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Whatever else lies in `config/`, by path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly site?: SiteOptionsDraft;
  /** Finished tickets in memory before the service starts. */
  readonly history?: readonly IssueDraft[];
}

/** A service with a playbook of its own on a simulated site, and what people there do. */
export interface Colleague extends AsyncDisposable {
  readonly stage: TestStage;
  readonly site: JiraSite;
  /** Of the service as it runs now. */
  readonly admin: Admin;
  readonly service: Service;
  readonly configFolder: string;
  start(): Promise<void>;
  /** Waits until every webhook was looked at, also those of what that brought about. */
  settle(): Promise<void>;
  /** A customer reports a ticket, and the service has done what it does; returns its key. */
  report(summary: string, parts?: Partial<IssueDraft>): Promise<string>;
  /** A ticket that people dealt with and finished; the service learnt it. */
  finish(draft: Partial<IssueDraft> & { readonly summary: string }): Promise<string>;
  /** Waits until so many decisions were made on a ticket. */
  decided(key: string, times?: number): Promise<AdminStory>;
  now(key: string): SiteIssue;
  /** Edits of fields that our account made. */
  edits(key: string): readonly unknown[];
}

/** Members of a team by account id alone. */
export function people(...accountIds: readonly string[]) {
  return accountIds.map((accountId) => ({ accountId, name: accountId }));
}

/** Opens the desk; the service runs unless it is to be started later. */
export async function openColleague(draft: ColleagueDraft, { isRunning = true } = {}): Promise<Colleague> {
  const stage = await testStage({
    site: { ...siteFor(draft), ...draft.site },
    history: draft.history ?? [],
    config: (folder) => writeConfig(folder, draft),
  });
  const colleague = colleagueOn(stage);
  if (isRunning) await colleague.start();
  return colleague;
}

function colleagueOn(stage: TestStage): Colleague {
  const { site } = stage;
  let running: Awaited<ReturnType<TestStage['start']>> | null = null;
  const current = () => {
    if (!running) throw new Error('the service does not run');
    return running;
  };
  const settle = async () => {
    for (const _ of ['what people did', 'what that brought about']) {
      await site.webhooks.flush();
      await current().admin.idle({ timeoutMs: 30_000 });
    }
  };
  const now = (key: string) => {
    const issue = site.issue(key);
    if (!issue) throw new Error(`${key} is not on the site`);
    return issue;
  };
  return {
    stage,
    site,
    get admin() {
      return current().admin;
    },
    get service() {
      return current().service;
    },
    configFolder: join(stage.folder, 'config'),
    start: async () => {
      await running?.[Symbol.asyncDispose]();
      running = await stage.start();
    },
    settle,
    report: async (summary, parts = {}) => {
      const { key } = await site.createIssue({ projectKey: 'IT', reporter: REPORTER, summary, ...parts });
      await settle();
      return key;
    },
    finish: async ({ created = Date.now() - 24 * 3_600_000, ...parts }) => {
      const { key } = site.addIssue({ projectKey: 'IT', reporter: REPORTER, created, ...parts });
      site.editAs(ADA, key, { status: 'Done', resolution: 'Done' });
      await settle();
      return key;
    },
    decided: async (key, times = 1) => {
      await site.webhooks.flush();
      return vi.waitUntil(async () => {
        const story = await current().admin.story(key);
        return story.decisions.length >= times && story;
      }, PATIENCE);
    },
    now,
    edits: (key) => site.edits(key).filter(({ kind }) => kind === 'edit'),
    [Symbol.asyncDispose]: async () => {
      await running?.[Symbol.asyncDispose]();
      await stage[Symbol.asyncDispose]();
    },
  };
}

/** Everybody whom the teams name may be assigned; every team may be chosen. */
function siteFor({ teams = {} }: ColleagueDraft): SiteOptionsDraft {
  const members = Object.values(teams).flatMap((team) => (team.members ?? []).map(({ accountId }) => accountId));
  return {
    projects: [
      { key: 'IT', components: ['Mail', 'Print'] },
      { key: 'HR', components: ['Mail', 'Print'] },
    ],
    priorities: ['Highest', 'High', 'Medium', 'Low'],
    defaultPriority: 'Medium',
    customFields: [{ id: TEAM_FIELD, name: 'Team', kind: 'select', options: [...Object.keys(teams), 'Other'] }],
    users: [
      ...[...new Set([ADA, ...members])].map((accountId) => ({ accountId, displayName: accountId })),
      { accountId: REPORTER, accountType: 'customer', assignable: false },
    ],
  };
}

async function writeConfig(folder: string, draft: ColleagueDraft): Promise<string> {
  const config = join(folder, 'config');
  await mkdir(join(config, 'calibration'), { recursive: true });
  await writeFile(join(config, 'playbook.yaml'), playbookFile(draft));
  if (draft.teams) await writeFile(join(config, 'teams.yaml'), teamsFile(draft.teams));
  for (const [name, text] of Object.entries(draft.files ?? {})) await writeFile(join(config, name), text);
  return config;
}

/** What `teams.yaml` holds for these teams; JSON is YAML, one key a line. */
export function teamsFile(teams: TeamsInput): string {
  const route = { by: 'category', team: 'team', assignee: 'assignee' };
  return JSON.stringify({ route, teams }, null, 2);
}

function playbookFile({ teams = {}, targets, playbook, words, alongside = {} }: ColleagueDraft): string {
  const category = { kind: 'label', prefix: 'cat-', mode: 'auto' } as const;
  const routed = {
    team: { kind: 'select', field: TEAM_FIELD, decidedBy: 'routing', mode: 'auto' },
    assignee: { kind: 'assignee', decidedBy: 'routing', mode: 'auto' },
  } as const;
  const values = words ?? Object.values(teams).flatMap(({ takes }) => takes);
  const file: PlaybookInput = {
    projects: ['IT'],
    targets: { category, ...(Object.keys(teams).length > 0 ? routed : {}), ...targets },
    rules: values.map((word) => ruleFor(word, alongside[word])),
    bursts: { tickets: 0 },
    ...playbook,
  };
  return JSON.stringify(file, null, 2);
}

function ruleFor(word: string, further: Readonly<Record<string, string>> = {}) {
  // biome-ignore lint/suspicious/noThenProperty: reads as the sentence "when … then …" in YAML
  return { name: word, when: { textMatches: `\\b${word}\\b` }, then: { category: word, ...further } };
}
