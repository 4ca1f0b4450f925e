import { Actor, requestOf } from '../../admin/steering.ts';
import type { DeadLetter } from '../../domain/decision/dead-letter.ts';
import { RejectedError } from '../../domain/errors.ts';
import { name, table } from '../../evaluation/report/text-table.ts';
import { actorFor, openSteering, type SteeringOptions, tell } from './open.ts';

const nothing = async () => {};

/** `triage dead-letters`: jobs that nobody tries any more. */
export async function runDeadLetters(options: SteeringOptions): Promise<void> {
  await using opened = await openSteering(options, nothing);
  const letters = await opened.steering.deadLetters();
  if (letters.length === 0) return tell(['✔ no job is out of attempts']);
  const rows = letters.map(({ id, queue, attempts, buriedAt, error }) => [
    name(id, 60),
    queue,
    String(attempts),
    buriedAt,
    name(error, 100),
  ]);
  tell([table(['JOB', 'QUEUE', 'ATTEMPTS', 'SINCE', 'WHY'], rows), '', 'next: triage dead-letters show JOB']);
}

/** `triage dead-letters show ID`: all that is known of one. */
export async function runShowDeadLetter(id: string, options: SteeringOptions): Promise<void> {
  await using opened = await openSteering(options, nothing);
  const { payload, history, ...letter } = await opened.steering.deadLetter(id);
  tell(Object.entries(letter).map(([field, value]) => `${field.padEnd(10)} ${name(String(value), 500)}`));
  tell(['payload', JSON.stringify(payload, null, 2), `last ${history.length} attempts, oldest first`]);
  tell(history.map((line) => `  ${name(line, 200)}`));
  tell(['', `next: triage dead-letters replay ${id}, or discard`]);
}

/** `triage dead-letters replay IDS`, or all: has them tried again. */
export async function runReplay(
  ids: readonly string[],
  options: SteeringOptions & { readonly all?: boolean },
): Promise<void> {
  await onEach(ids, options, async (letter, { steering, actor }) => {
    const outcome = await steering.replayDeadLetter(letter.id, actor);
    return outcome === 'queued' ? 'is tried again' : 'had nothing left to do';
  });
}

/** `triage dead-letters discard IDS`: takes them away; the tickets stay as they are. */
export async function runDiscard(ids: readonly string[], options: SteeringOptions): Promise<void> {
  await onEach(ids, options, async (letter, { steering, actor }) => {
    await steering.discardDeadLetter(letter.id, actor);
    return 'is gone';
  });
}

type Act = (
  letter: Pick<DeadLetter, 'id'>,
  by: { readonly steering: Awaited<ReturnType<typeof openSteering>>['steering']; readonly actor: string },
) => Promise<string>;

/** One that is refused does not keep the others. */
async function onEach(
  ids: readonly string[],
  options: SteeringOptions & { readonly all?: boolean },
  act: Act,
): Promise<void> {
  if (ids.length > 0 === (options.all ?? false)) throw new RejectedError(400, 'name jobs, or say --all');
  const actor = requestOf(Actor, actorFor(options));
  await using opened = await openSteering(options, nothing);
  const { steering } = opened;
  const letters = options.all ? await steering.deadLetters() : ids.map((id) => ({ id }));
  for (const letter of letters) {
    try {
      tell([`✔ ${letter.id} ${await act(letter, { steering, actor })}`]);
    } catch (error) {
      if (!(error instanceof RejectedError)) throw error;
      process.exitCode = 1;
      tell([`✗ ${letter.id}: ${error.message}`]);
    }
  }
}
