import { type Command, InvalidArgumentError, Option } from 'commander';
import { ENDPOINTS } from '../domain/decision/question.ts';
import { MisconfiguredError } from '../domain/errors.ts';
import { FeatureName } from '../domain/ticket/context.ts';
import type { EvaluateOptions } from './evaluate/evaluate.ts';

/** How a model is asked about past tickets, for every command that does. */
export function withAsking(command: Command): Command {
  const endpoint = new Option('--endpoint <name>', 'which of the playbook’s endpoints is asked');
  return command
    .addOption(endpoint.choices(ENDPOINTS).default('main'))
    .option('--answers <file>', 'where answers are kept, so that a second run costs nothing', 'model-answers.jsonl')
    .option('--concurrency <n>', 'requests at once; absent: as the playbook says', wholeFrom(1))
    .option('--yes', 'ask the model without asking you first');
}

/** Who answers. */
export function rungs(choices: readonly string[]): Option {
  const words = `whose answers are judged: ${choices.join(', ')}`;
  return new Option('--rung <rung>', words).choices(choices).default('local');
}

const ONLY_FOR_FILES = ['order', 'text', 'features', 'unknown', 'minClass', 'seed', 'precision', 'config'];

/** Throws `MisconfiguredError` when memory is asked something that only a file of tickets can answer. */
export function refuseFileOptions(command: Command, { tickets, split }: EvaluateOptions): void {
  if (tickets !== undefined) return;
  const given = command.options
    .filter((option) => ONLY_FOR_FILES.includes(option.attributeName()))
    .filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli')
    .map(({ long }) => long);
  const refused = [...given, ...(split === 'official' ? ['--split official'] : [])];
  if (refused.length === 0) return;
  throw new MisconfiguredError([
    `${refused.join(', ')} only goes with --tickets FILE; on memory, the playbook says how tickets are read and decided`,
  ]);
}

export function positive(text: string): number {
  const value = Number(text);
  if (value > 0) return value;
  throw new InvalidArgumentError('It must be a number above 0.');
}

export function wholeFrom(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`It must be a whole number, ${least} or more.`);
  };
}

export function share(text: string): number {
  const value = Number(text);
  if (value >= 0 && value <= 0.99) return value;
  throw new InvalidArgumentError('It must be a share between 0 and 0.99, for example 0.95.');
}

export function shares(text: string): EvaluateOptions['split'] {
  if (text === 'official') return text;
  const [history = 0, calibration = 0, test = 0, ...more] = text.split('/').map(Number);
  const isWhole = more.length === 0 && history + calibration + test === 100;
  if (isWhole && [history, calibration, test].every((part) => part > 0)) return [history, calibration, test];
  throw new InvalidArgumentError('It must be three percents that make 100, for example 70/10/20, or official.');
}

export function fields(text: string): readonly [string, string?] {
  const [title = '', body, ...more] = text.split(',').map((field) => field.trim());
  if (title === '' || body === '' || more.length > 0)
    throw new InvalidArgumentError('It must name one or two fields, title and body, for example Summary,Description.');
  return body === undefined ? [title] : [title, body];
}

export function pairs(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const [name = '', field = name] = pair.split('=').map((part) => part.trim());
      const parsed = FeatureName.safeParse(name);
      if (!parsed.success) throw new InvalidArgumentError(`"${name}" ${parsed.error.issues[0]?.message}.`);
      return [name, field];
    }),
  );
}
