import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { IssueDraft } from '../fakes/jira/model.ts';
import { TEAM_FIELD } from '../support/desk.ts';
import { type ReplayTicket, readTickets } from './replay-tickets.ts';
import { say } from './say.ts';
import { play, type Stage, setStage } from './stage.ts';
import { accounting, cutOffLines, type Scored, score } from './summary.ts';

const MINUTE_MS = 60_000;

/** A real set in its own order: first 70 % history, next 10 % kept aside for calibration, last 20 % new tickets. */
export async function runReplay(path: string, target: string): Promise<Stage> {
  const tickets = readTickets(path, target);
  const historyEnd = Math.floor(tickets.length * 0.7);
  const testStart = Math.floor(tickets.length * 0.8);
  const history = tickets.slice(0, historyEnd);
  const fresh = tickets.slice(testStart);
  say(
    `${tickets.length} tickets: ${history.length} history, ${testStart - historyEnd} kept aside for calibration, ${fresh.length} new; target "${target}"`,
  );
  const firstMs = Date.now() - history.length * MINUTE_MS;
  await using opened = new AsyncDisposableStack();
  const stage = opened.use(
    await setStage({
      site: siteFor(tickets, target),
      history: history.map((ticket, index) => finished(ticket, firstMs + index * MINUTE_MS)),
      project: 'REPLAY',
      configFolder: await writeConfig(),
    }),
  );
  const { played, seconds } = await play(fresh.map(draft), stage);
  const scores = played.map(({ key, story }, index) => {
    const written = stage.site.issue(key)?.custom[TEAM_FIELD] ?? null;
    return score(target, story.decisions[0]?.verdicts['target'], { written, truth: fresh[index]?.truth ?? '' });
  });
  report(scores, accounting(played, seconds));
  opened.move();
  return stage;
}

function report(scores: readonly Scored[], { text, unaccounted }: ReturnType<typeof accounting>): void {
  const right = scores.filter(({ written, truth }) => written === truth).length;
  process.stdout.write(`\n${cutOffLines(scores)}\n\n${text}\n`);
  process.stdout.write(
    `accuracy ${(right / scores.length).toFixed(3)} of what Jira holds now (${right} of ${scores.length}), unaccounted ${unaccounted}\n\n`,
  );
}

function siteFor(tickets: readonly ReplayTicket[], target: string) {
  const options = [...new Set(tickets.map(({ truth }) => truth))].sort();
  return {
    projects: [{ key: 'REPLAY', name: 'Replay', issueTypes: ['Incident'] }],
    customFields: [{ id: TEAM_FIELD, name: target, kind: 'select' as const, options }],
  };
}

/** Everything is written, however unsure, so that accuracy over all tickets can be read off Jira. */
async function writeConfig(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'jira-triage-config-'));
  const target = { kind: 'select', field: TEAM_FIELD, mode: 'auto', targetPrecision: 0 };
  await writeFile(join(folder, 'playbook.yaml'), stringify({ projects: ['REPLAY'], targets: { target } }));
  return folder;
}

function draft({ summary, description, reporter }: ReplayTicket): IssueDraft {
  return { projectKey: 'REPLAY', issueType: 'Incident', summary, description, reporter };
}

function finished(ticket: ReplayTicket, createdMs: number): IssueDraft {
  const custom = { [TEAM_FIELD]: ticket.truth };
  return {
    ...draft(ticket),
    custom,
    status: 'Done',
    resolution: 'Done',
    created: createdMs,
    resolved: createdMs + MINUTE_MS,
  };
}
