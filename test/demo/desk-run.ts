import { styleText } from 'node:util';
import { cut, table } from '../../src/evaluation/report/text-table.ts';
import { type DeskTicket, deskSite, deskTickets, finishedDraft, newDraft, TEAM_FIELD } from '../support/desk.ts';
import { say } from './say.ts';
import { runSecondAct } from './second-act.ts';
import { type Played, play, type Stage, setStage } from './stage.ts';
import { accounting, mark, type Scored, score, targetLines } from './summary.ts';

/** The invented desk: 330 finished tickets as history, 60 new ones, the shipped `config/`. */
export async function runDesk(): Promise<Stage> {
  const { history, fresh } = deskTickets();
  await using opened = new AsyncDisposableStack();
  const stage = opened.use(
    await setStage({
      site: deskSite([...history, ...fresh]),
      history: history.map((ticket, index) => finishedDraft(ticket, history.length - index)),
      project: 'IT',
      asksModel: true,
    }),
  );
  const { played, seconds } = await play(fresh.map(newDraft), stage);
  const results = played.map((one, index) => resultOf(one, fresh[index], stage));
  const rows = results.map(({ ticket, key, category, team, assignee, ms }) => [
    key,
    cut(ticket.summary, 40),
    ticket.lang,
    cell(category),
    cell(team),
    cut(assignee.written?.replace('agent-', '') ?? '–', 14),
    category.confidence.toFixed(2),
    mark(category),
    ms === null ? '–' : `${ms}`,
  ]);
  const header = ['TICKET', 'SUMMARY', 'LANG', 'CATEGORY', 'TEAM', 'ASSIGNEE', 'SURE', 'RESULT', 'MS'];
  const { text } = accounting(played, seconds);
  process.stdout.write(
    `\n${table(header, rows)}\n\n${targetLines(results.flatMap(({ scores }) => scores))}\n\n${text}\n\n`,
  );
  say(modelLine(played));
  await runSecondAct(played, fresh, stage);
  opened.move();
  return stage;
}

/** What the language model did, if there is one. */
function modelLine(played: readonly Played[]): string {
  const decisions = played.flatMap(({ story }) => story.decisions.slice(0, 1));
  const asked = decisions.flatMap((decision) => decision.asked ?? []);
  if (asked.length === 0)
    return 'no model configured, local classifier: trained on the past tickets, it abstains where it is not sure enough';
  const answered = asked.filter(({ endpoint }) => endpoint !== null).length;
  const tokens = asked.reduce((sum, { tokens: { input, output } }) => sum + input + output, 0);
  const money = asked.reduce((sum, one) => sum + one.money, 0);
  const degraded = decisions.filter((decision) => decision.degraded).length;
  return `${asked[0]?.model ?? 'the model'}: asked about ${asked.length} of ${decisions.length} tickets, ${answered} answered, ${tokens} tokens, ${money.toFixed(4)} by the playbook's prices; ${degraded} decided on a lower rung`;
}

function resultOf({ key, story, ms }: Played, ticket: DeskTicket | undefined, { site }: Stage) {
  const issue = site.issue(key);
  if (!ticket || !issue) throw new Error(`${key} is not on the site`);
  const verdicts = story.decisions[0]?.verdicts ?? {};
  const label = issue.labels.find((candidate) => candidate.startsWith('cat-'))?.slice('cat-'.length) ?? null;
  const category = score('category', verdicts['category'], { written: label, truth: ticket.category });
  const component = score('component', verdicts['component'], {
    written: issue.components[0] ?? null,
    truth: ticket.component,
  });
  const team = score('team', verdicts['team'], { written: issue.custom[TEAM_FIELD] ?? null, truth: ticket.team });
  const assignee = score('assignee', verdicts['assignee'], { written: issue.assignee, truth: ticket.assignee });
  return { ticket, key, ms, category, team, assignee, scores: [category, component, team, assignee] };
}

/** What was written, or the guess that was held back, dimmed. */
function cell({ written, guess }: Scored): string {
  return written === null ? styleText('dim', guess === null ? '–' : `(${guess})`) : written;
}
