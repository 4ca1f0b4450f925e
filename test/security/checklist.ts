import { messageOf } from '../../src/domain/errors.ts';

/** How a check ended; `here`: it cannot run on this machine, and why. */
export type Result =
  | { readonly kind: 'holds'; readonly seen?: string }
  | { readonly kind: 'broken'; readonly fix: string }
  | { readonly kind: 'not here'; readonly why: string };

/** One line of the checklist. */
export interface Check {
  readonly name: string;
  run(): Promise<Result>;
}

/** Checks that share something, for example a running service, one after the other. */
export interface Section extends AsyncDisposable {
  readonly title: string;
  readonly checks: readonly Check[];
}

export const holds = (seen?: string): Result => (seen === undefined ? { kind: 'holds' } : { kind: 'holds', seen });
export const broken = (fix: string): Result => ({ kind: 'broken', fix });
export const notHere = (why: string): Result => ({ kind: 'not here', why });

/** Holds where there is no trouble; else broken, with the first troubles before the fix. */
export function without(troubles: readonly string[], fix: string, seen?: string): Result {
  if (troubles.length === 0) return holds(seen);
  const more = troubles.length > 5 ? ` and ${troubles.length - 5} more` : '';
  return broken(`${troubles.slice(0, 5).join('; ')}${more}. ${fix}`);
}

const PATIENCE_MS = 60_000;

/** Opens a section and says a line for each of its checks as it ends; returns how many do not hold. */
export async function tell(open: () => Promise<Section>): Promise<number> {
  let faults = 0;
  const say = (name: string, result: Result) => {
    process.stdout.write(`${lineOf(name, result)}\n`);
    if (result.kind === 'broken') faults += 1;
  };
  try {
    await using section = await open();
    process.stdout.write(`\n${section.title}\n`);
    for (const { name, run } of section.checks) say(name, await outcomeOf(run));
  } catch (error) {
    say(open.name, broken(`could not be looked at: ${messageOf(error)}`));
  }
  return faults;
}

/** What is not known is not good: a check that throws, or does not end, is broken. */
async function outcomeOf(run: Check['run']): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Result>((resolve) => {
    timer = setTimeout(
      () => resolve(broken(`no answer within ${PATIENCE_MS / 1_000} s; run it again, alone`)),
      PATIENCE_MS,
    );
  });
  try {
    return await Promise.race([run(), late]);
  } catch (error) {
    return broken(`could not be looked at: ${messageOf(error)}`);
  } finally {
    clearTimeout(timer);
  }
}

function lineOf(name: string, result: Result): string {
  switch (result.kind) {
    case 'holds':
      return `✔ ${name}${result.seen === undefined ? '' : ` (${result.seen})`}`;
    case 'broken':
      return `✗ ${name}\n  → ${result.fix}`;
    case 'not here':
      return `– ${name}\n  not here: ${result.why}`;
    default:
      return result satisfies never;
  }
}
