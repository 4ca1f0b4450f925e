import { fileAnswers } from '../../adapters/files/answers.ts';
import { openEndpoints } from '../../compose/endpoints.ts';
import type { EndpointName } from '../../domain/decision/question.ts';
import { MisconfiguredError } from '../../domain/errors.ts';
import type { Playbook } from '../../domain/playbook/playbook.ts';
import type { AnswerBook, Embedder, Model } from '../../domain/ports/model.ts';
import { prepareEnrichers } from '../../enrich/enrich.ts';
import type { AskingPorts } from '../../evaluation/ladder/climb.ts';
import type { Bill } from '../../evaluation/ladder/hear-all.ts';
import { modelIn } from '../../evaluation/ladder/rungs.ts';
import type { PiiFinder } from '../../privacy/finder.ts';
import type { EndpointSettings } from '../../settings/env.ts';
import { showProgress } from '../progress.ts';
import { agree } from './consent.ts';
import { billWords } from './money.ts';

/** What the command line says about asking a model. */
export interface AskingOptions {
  readonly endpoint: EndpointName;
  /** File of answers. */
  readonly answers: string;
  readonly concurrency?: number;
  readonly yes?: boolean;
}

/** What asking needs besides a playbook. */
export interface AskingMeans {
  readonly options: AskingOptions;
  readonly settings: EndpointSettings;
  readonly answers: AnswerBook;
  readonly finder: PiiFinder | null;
  readonly embedder: Embedder | null;
  /** Where estimates and bills are printed. */
  readonly tell: (line: string) => void;
}

export interface Asking {
  readonly ports: AskingPorts;
  /** Ends the progress bar and tells, once, what it cost. */
  readonly finish: () => void;
}

/** Opens the file of answers. */
export function meansOf(
  options: AskingOptions,
  access: Pick<AskingMeans, 'settings' | 'tell'> & Partial<Pick<AskingMeans, 'finder' | 'embedder'>>,
): AskingMeans {
  return { finder: null, embedder: null, ...access, options, answers: fileAnswers(options.answers) };
}

/** Makes a playbook's model ready to be asked. Throws `MisconfiguredError` naming what is missing. */
export async function askingFor(playbook: Playbook, means: AskingMeans): Promise<Asking> {
  const { options, answers, finder, embedder, tell } = means;
  const { currency, endpoints } = modelIn(playbook);
  const { breaker, concurrency: usual } = endpoints[options.endpoint];
  const concurrency = options.concurrency ?? usual;
  const model = await openModel(playbook, means, concurrency);
  await prepareEnrichers(playbook.plugins);
  const phrasing = showProgress('phrasing questions', 'tickets');
  const bar = showProgress(`asking ${model.model}`, 'tickets');
  let bill: Bill | null = null;
  let isFinished = false;
  const ports: AskingPorts = {
    model,
    answers,
    clock: { now: () => new Date() },
    finder,
    embedder,
    concurrency,
    pauseMs: breaker.seconds * 1000,
    onPhrased: phrasing.update,
    agree: (estimate) => {
      phrasing.stop();
      return agree(estimate, { file: options.answers, isAgreed: options.yes === true, currency, tell });
    },
    onHeard: ({ done, of, ...soFar }) => {
      bill = soFar;
      bar.update(done, of, `, ${billWords(soFar, currency)}`);
    },
  };
  return {
    ports,
    finish: () => {
      phrasing.stop();
      bar.stop();
      if (bill && !isFinished) tell(closing(bill, options.answers, currency));
      isFinished = true;
    },
  };
}

function closing(bill: Bill, file: string, currency: string): string {
  if (bill.requests === 0) return `✔ 0 requests, everything from ${file}`;
  return `✔ ${billWords(bill, currency)}; the answers are kept in ${file}`;
}

/** The one endpoint that is to be asked, with as many requests at once as wanted. */
async function openModel(playbook: Playbook, { options, settings }: AskingMeans, concurrency: number): Promise<Model> {
  const { endpoint } = options;
  const model = modelIn(playbook);
  const tuned = { ...model.endpoints, [endpoint]: { ...model.endpoints[endpoint], concurrency } };
  const only = { main: null, fallback: null, [endpoint]: settings.endpoints[endpoint] };
  const [opened] = await openEndpoints(
    { ...settings, endpoints: only },
    { ...playbook, model: { ...model, endpoints: tuned } },
  );
  if (opened) return opened;
  const prefix = endpoint === 'main' ? 'OPENAI' : 'FALLBACK';
  throw new MisconfiguredError([
    `nobody to ask: set ${prefix}_API_KEY, or ${prefix}_BASE_URL for a server of your own, in the environment or in .env`,
  ]);
}
