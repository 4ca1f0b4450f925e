import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { table } from '../../src/evaluation/report/text-table.ts';
import { type DeskTicket, TEAM_FIELD } from '../support/desk.ts';
import { say } from './say.ts';
import { type Played, play, type Stage } from './stage.ts';
import { share } from './summary.ts';

/** From now on the desk files these as … */
const NEW_HOME = { category: 'software', team: 'Service Desk', assignee: 'agent-julia-schmidt' };
const OLD_CATEGORY = 'erp';
/** Fewer judged values than this say little. */
const SHOWN_FROM = 4;
/** Corrected one by one before the others come in. */
const CORRECTED = 16;

const Later = z.object({ summary: z.string(), description: z.string(), reporter: z.string(), issueType: z.string() });

/**
 * People at work: agents put right what was wrong and finish their tickets; then SAP questions get a new home, agents
 * correct each one, and the class brakes itself; at last the whole revision is taken back where nobody touched it.
 */
export async function runSecondAct(
  firstAct: readonly Played[],
  truths: readonly DeskTicket[],
  stage: Stage,
): Promise<void> {
  say('second act: agents correct what is wrong and finish their tickets');
  for (const [index, { key }] of firstAct.entries()) finish(key, truths[index], stage);
  await settled(stage);
  await overrides('after the first tickets were finished', stage);

  say(
    `from today the Service Desk takes SAP questions; nobody told the machine, so agents correct ${CORRECTED} tickets`,
  );
  const later = laterTickets();
  const before = await play(later.slice(0, CORRECTED), stage);
  for (const { key } of before.played) correct(key, stage);
  await settled(stage);
  await braked(stage);
  await overrides('after the corrections', stage);
  const after = await play(later.slice(CORRECTED), stage);
  process.stdout.write(
    `\n${decisions([
      ['before', before.played],
      ['after', after.played],
    ])}\n`,
  );

  const { revision } = await stage.admin.status();
  const { undos } = await stage.admin.undo({ revision, since: '1h', actor: 'demo' });
  say(`undo of revision ${revision}: ${undos.length} writes of this hour are taken back, newest first`);
  const ends = await Promise.all(undos.map(({ id }) => stage.admin.write(id)));
  process.stdout.write(`\n${undone(ends)}\n\n`);
}

function laterTickets() {
  const lines = readFileSync(new URL('../fixtures/desk/later.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n');
  return lines.map((line) => ({ projectKey: 'IT', ...Later.parse(JSON.parse(line)) }));
}

/** The agent who knows puts each wrong value right, in one edit, and another one finishes the ticket. */
function finish(key: string, truth: DeskTicket | undefined, { site }: Stage): void {
  const issue = site.issue(key);
  if (!truth || !issue) throw new Error(`${key} is not on the site`);
  const labels = issue.labels.filter((label) => !label.startsWith('cat-'));
  site.editAs(truth.assignee, key, {
    labels: [...labels, `cat-${truth.category}`],
    components: [truth.component],
    priority: truth.priority,
    assignee: truth.assignee,
    custom: { [TEAM_FIELD]: truth.team },
  });
  site.editAs(truth.assignee, key, { status: 'Done', resolution: 'Done' });
}

function correct(key: string, { site }: Stage): void {
  const labels = site.issue(key)?.labels.filter((label) => !label.startsWith('cat-')) ?? [];
  const { category, team, assignee } = NEW_HOME;
  site.editAs(assignee, key, { labels: [...labels, `cat-${category}`], custom: { [TEAM_FIELD]: team }, assignee });
  site.editAs(assignee, key, { status: 'Done', resolution: 'Done' });
}

/** Until every webhook of these edits was looked at. */
async function settled({ site, admin }: Stage): Promise<void> {
  await site.webhooks.flush();
  await admin.idle({ timeoutMs: 60_000 });
}

/** Guard rails look at what was judged once a second. */
async function braked({ admin }: Stage): Promise<void> {
  for (let looks = 0; looks < 100; looks++) {
    if ((await admin.quality()).brakes.some(({ value }) => value === OLD_CATEGORY)) return;
    await wait(100);
  }
  throw new Error(`nothing put a brake on ${OLD_CATEGORY}`);
}

/** The override table: how what was written fared, and what follows from it. */
async function overrides(when: string, { admin }: Stage): Promise<void> {
  const { rates, brakes } = await admin.quality();
  const rows = rates
    .filter(({ judged }) => judged >= SHOWN_FROM)
    .map(({ target, value, judged, overridden, lowerBound }) => [
      target,
      value,
      `${judged}`,
      `${overridden}`,
      share(overridden, judged),
      lowerBound.toFixed(2),
      brakes.some((brake) => brake.target === target && brake.value === value) ? 'only suggested from now on' : '',
    ]);
  const header = ['TARGET', 'VALUE', 'JUDGED', 'OVERRIDDEN', 'RATE', 'AT LEAST', 'BRAKE'];
  process.stdout.write(`\nwhat people made of it, ${when}:\n${table(header, rows)}\n\n`);
}

/** How SAP questions were decided before and after. */
function decisions(acts: readonly (readonly [string, readonly Played[]])[]): string {
  const rows = acts.map(([name, played]) => {
    const asOld = (values: readonly (string | null | undefined)[]) =>
      String(values.filter((value) => value === OLD_CATEGORY).length);
    const written = asOld(played.map(({ story }) => story.writes[0]?.changes['category']?.after));
    const suggested = asOld(played.map(({ story }) => story.writes[0]?.suggestions['category']));
    const abstained = played.filter(({ story }) => story.decisions[0]?.verdicts['category']?.kind === 'abstain');
    return [name, String(played.length), written, suggested, String(abstained.length)];
  });
  return table(['SAP QUESTIONS', 'TICKETS', `WRITTEN AS ${OLD_CATEGORY}`, 'ONLY SUGGESTED', 'ABSTAINED'], rows);
}

interface Undone {
  readonly state: string;
  readonly changes: Readonly<Record<string, unknown>>;
  readonly heldBack: Readonly<Record<string, string>>;
}

function undone(writes: readonly Undone[]): string {
  const restored = writes.reduce((sum, { changes }) => sum + Object.keys(changes).length, 0);
  const reasons = Map.groupBy(
    writes.flatMap(({ heldBack }) => Object.values(heldBack)),
    (why) => why,
  );
  const kept = [...reasons].map(([why, list]) => [`left alone: ${why}`, `${list.length}`]);
  return table(['UNDO', 'VALUES'], [['restored', `${restored}`], ...kept]);
}
