import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readRows } from '../../../src/adapters/files/rows.ts';
import { processMemory } from '../../../src/adapters/sparse/memory.ts';
import { withModelOf } from '../../../src/evaluation/adopt.ts';
import { playbookOf, split, ticketsOf } from '../../../src/evaluation/dataset.ts';
import { openReplay } from '../../../src/evaluation/replay.ts';
import { tokensIn } from '../../../src/prompt/tokens.ts';
import { loadPlaybook } from '../../../src/settings/playbook-store.ts';
import { openOffers, phrase } from '../../../src/triage/ladder/consult.ts';
import { answersFake } from '../../fakes/answers.ts';
import { sharedFile } from '../../support/shared.ts';
import { QUALITY_SETS } from '../quality-sets.ts';
import { quantile } from '../report.ts';

const SHIPPED = fileURLToPath(new URL('../../../config', import.meta.url));
const SAMPLE = 200;

/** Tokens that the shipped prompt takes on the median ticket of a real set, all its evidence shown. */
export async function medianPromptTokens(name: string): Promise<number> {
  const set = QUALITY_SETS.find((candidate) => candidate.name === name);
  const path = sharedFile(`data/tickets/${name}.jsonl.gz`);
  if (!set || !existsSync(path)) throw new Error(`${path} is not here`);
  const { source, target, parts, prepare } = set;
  const tickets = ticketsOf(readRows(path).map(prepare ?? ((row) => row)), { target, ...source });
  const desk = loadPlaybook(SHIPPED, null);
  const playbook = withModelOf(playbookOf(tickets, Object.keys(source.features), 42), desk, target);
  const prompt = playbook.prompts.triage;
  if (!prompt) throw new Error('the shipped playbook has no prompt');
  const { history, test } = split(tickets, parts);
  const replay = await openReplay({ history, playbook, ...parts }, { openMemory: processMemory });
  const ports = {
    ...{ memory: replay.memory, embedder: null, finder: null, endpoints: [], answers: answersFake() },
    clock: { now: () => new Date() },
  };
  const every = Math.max(Math.floor(test.length / SAMPLE), 1);
  const sizes: number[] = [];
  for (const ticket of test.filter((_, index) => index % every === 0)) {
    const replayed = await replay.propose(ticket);
    const offers = openOffers(replayed, playbook);
    if (offers.length === 0) continue;
    const { question } = await phrase({ ...replayed, offers }, { playbook, prompt, ports });
    sizes.push(tokensIn(question.system) + tokensIn(question.user));
  }
  return quantile(sizes, 0.5);
}
