import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compose } from '../../../src/compose.ts';
import { readSettings } from '../../../src/settings/env.ts';
import { childEnv } from '../../support/child-env.ts';
import { correctionWith, DOCKING, ordinaryTickets } from '../../support/corrections.ts';
import { layEmptyDatabase } from '../../support/empty-database.ts';
import { serviceEnv } from '../../support/env.ts';

const CLI = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));
const SHIPPED = fileURLToPath(new URL('../../../config', import.meta.url));

/** Must never be seen outside of their ticket. */
export const PLANTED = /quackenbush|zebedee|salarycut|layoffplan|akiaiosfodnn7example/i;

export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A desk whose past tickets and corrections are in an embedded database, with its `config/` in a Git repository. */
export interface ProposingDesk extends Disposable {
  readonly repository: string;
  readonly env: Readonly<Record<string, string>>;
  readonly git: (...args: readonly string[]) => string;
  /** `triage learn propose` in a process of its own. */
  readonly propose: (args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Answer>;
  /** Changes a file of `config/`. */
  readonly edit: (path: string, change: (text: string) => string) => void;
}

/** Like the shipped one, with a lower promise, a restricted project, and examples of its own in the prompt. */
export async function proposingDesk(): Promise<ProposingDesk> {
  const folder = mkdtempSync(join(tmpdir(), 'jira-triage-propose-'));
  const repository = join(folder, 'repository');
  mkdirSync(join(repository, 'desk'), { recursive: true });
  cpSync(SHIPPED, join(repository, 'desk/config'), { recursive: true });
  const edit = (path: string, change: (text: string) => string) => {
    const file = join(repository, 'desk/config', path);
    writeFileSync(file, change(readFileSync(file, 'utf8')));
  };
  edit('playbook.yaml', (text) =>
    text
      .replace(/^restrictedProjects:.*\n/m, '')
      .replace('projects: [IT]', 'projects: [IT, HR]\nrestrictedProjects: [HR]')
      .replace('targetPrecision: 0.9\n', 'targetPrecision: 0.7\n'),
  );
  edit('prompts/triage.yaml', (text) =>
    text.replace(
      /few_shot:\n {2}from.*\n {2}limit.*\n/,
      "few_shot:\n  - summary: 'Own example' # ours\n    answer: { category: email }\n",
    ),
  );
  const env = serviceEnv('http://127.0.0.1:9', join(folder, 'data'), { CONFIG_DIR: join(repository, 'desk/config') });
  const git = (...args: readonly string[]) => execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8' });
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'user.name', 'Ann Agent');
  git('config', 'user.email', 'ann@example.com');
  writeFileSync(join(repository, 'README.md'), 'a desk\n');
  git('add', '.');
  git('commit', '--quiet', '-m', 'config');
  await layEmptyDatabase(env['DATA_DIR'] ?? '');
  await seed(env);
  return {
    repository,
    env,
    git,
    edit,
    propose: (args, more = {}) => run(['learn', 'propose', ...args], { ...env, ...more }, folder),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** In every ticket, so that it tells none from others. */
const GOSSIP = 'Zebedee Quackenbush saw it too, key AKIAIOSFODNN7EXAMPLE.';

async function seed(env: Readonly<Record<string, string>>): Promise<void> {
  const open = DOCKING.map(([summary, text]) =>
    correctionWith({
      summary,
      text: `${text} ${GOSSIP}`,
      ticket: { people: ['Zebedee Quackenbush'] },
    }),
  );
  const restricted = ['HR', 'IT'].flatMap((project) =>
    DOCKING.map(([summary, text]) =>
      correctionWith({
        summary: `${summary} salarycut`,
        text: `${text} layoffplan`,
        ticket: { project, securityLevel: project === 'HR' ? null : 'Board' },
      }),
    ),
  );
  const few = [correctionWith({ summary: 'SAP role missing', ours: 'erp', theirs: 'access' })];
  const made = [...open, ...restricted, ...few];
  await using context = await compose({ ...readSettings(env), logLevel: 'silent' });
  const ordinary = ordinaryTickets(30).map((ticket) => ({ ...ticket, text: `${ticket.text} ${GOSSIP}` }));
  await context.memory.put([...ordinary, ...made.map(({ ticket }) => ticket)]);
  const now = new Date().toISOString();
  await context.ledger.recordOutcomes(made.map(({ outcome }) => ({ ...outcome, judgedAt: now })));
}

function run(args: readonly string[], env: Readonly<Record<string, string>>, cwd: string): Promise<Answer> {
  const options = { env: { ...childEnv(), HOME: cwd, ...env }, cwd, maxBuffer: 64 * 1024 * 1024 };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [CLI, ...args], options, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}
