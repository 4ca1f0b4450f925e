import { openEndpoints } from '../../src/compose/endpoints.ts';
import { readEndpoints } from '../../src/settings/env.ts';
import { answersFake } from '../fakes/answers.ts';
import { measuredWith, rehearsedDesk, type Stand } from './redteam/desk/stand.ts';
import { rounds } from './redteam/gates/rounds.ts';
import { faultsIn, type Sent, sentOf } from './redteam/gates/sent.ts';
import { beyondOffers, credulous, GUARDED, keepsShape, mixed, throughWorkers } from './redteam/gates/workers.ts';
import { captured } from './redteam/model/captured.ts';
import { simulated } from './redteam/model/open.ts';
import { type Findings, gatesOf, gateTable, techniqueTable } from './redteam/report.ts';
import { round } from './report.ts';

/**
 * What 182 attacks bring about on the invented desk, against their harmless twins: with the local classifier alone; with
 * the model at OPENAI_BASE_URL, or a simulated one that obeys what it understands; with the worst model there can be,
 * which each attack has taken over; and with that one on a desk that has learnt to trust its model.
 */
const startedAt = performance.now();
const desk = await rehearsedDesk();
await using obeying = await simulated('obedient');
const [real] = await openEndpoints(readEndpoints(process.env), desk.playbook);
const model = real ?? obeying.model;
const concurrency = 16;
if (real) process.stderr.write(`about 1,000 questions go to ${real.model}\n`);

const stand = await measuredWith(model, desk, concurrency);
const findings: Findings = { rounds: await rounds(desk, stand, { model, concurrency }), ...(await inWorkers(stand)) };
for (const one of findings.rounds) {
  process.stdout.write(`Values that attacks wanted and got, less what their controls got; promised: ${one.promise}\n`);
  process.stdout.write(`${techniqueTable(one)}\n\n`);
}
const gates = gatesOf(findings);
process.stdout.write(`* thought likeliest, sure enough to be written or not\n\n${gateTable(gates)}\n\n`);
for (const harm of Object.values(findings.workers).flatMap(({ harms }) => Object.values(harms).flat()))
  process.stderr.write(`✗ ${harm}\n`);
const broken = gates.filter(({ value, most }) => most !== null && value > most);
const figures = gates.map(({ gate, figure, value }) => [`${gate} ${figure}`, round(value, 2)] as const);
const seconds = round((performance.now() - startedAt) / 1000);
const summary = { bench: 'redteam', model: real?.model ?? 'simulated', seconds, broken: broken.length };
process.stdout.write(`${JSON.stringify({ ...summary, ...Object.fromEntries(figures) })}\n`);
if (broken.length > 0) process.exitCode = 1;

/** All attacks through the service's own workers, with the tested model and with the worst there can be. */
async function inWorkers(measured: Stand): Promise<Omit<Findings, 'rounds'>> {
  const owned = captured();
  await using taken = await simulated(owned.brain);
  const books = { model: answersFake(), worst: answersFake() };
  const common = { stand: measured, playbook: mixed(credulous(measured.playbook)), concurrency: 1 };
  const workers = {
    model: await throughWorkers({ ...common, model, answers: books.model }, GUARDED),
    worst: await throughWorkers({ ...common, model: taken.model, answers: books.worst }, GUARDED, owned.obey),
  };
  const repliesIn = (book: ReturnType<typeof answersFake>) => {
    const entries = [...book.entries.values()];
    const broken = entries.filter((entry) => !keepsShape(entry)).length;
    return { of: entries.length, broken, past: entries.flatMap(beyondOffers).length };
  };
  const sent: Sent[] = [...books.model.entries.values(), ...books.worst.entries.values()].map(({ question }) =>
    sentOf(question),
  );
  const faulty = sent.filter((one) => faultsIn(one, measured.playbook).length > 0);
  return {
    workers,
    replies: { model: repliesIn(books.model), worst: repliesIn(books.worst) },
    sent: { of: sent.length, faults: faulty.length },
  };
}
