import type { DeadLetter } from '../domain/decision/dead-letter.ts';
import { RejectedError } from '../domain/errors.ts';
import type { Ledger } from '../domain/ports/ledger.ts';
import { catalogue, type PayloadOf, type Publish, type QueueName } from '../queue/catalogue.ts';
import { publishOpen } from './requeue.ts';

export interface ReplayPorts {
  readonly ledger: Ledger;
  readonly publish: Publish;
}

/**
 * Has a dead letter tried again: the deliveries behind it are opened for another attempt, which begins with a new look at
 * the ticket. `done`: what it was about went well since, or was taken up by somebody else. Throws `RejectedError` (400)
 * for what cannot be tried again as it is. Safe to run again at any point.
 */
export async function replay(letter: DeadLetter, ports: ReplayPorts): Promise<'queued' | 'done'> {
  const outcome = await tryAgain(letter, ports);
  await ports.ledger.unbury(letter.id);
  return outcome;
}

async function tryAgain(letter: DeadLetter, ports: ReplayPorts): Promise<'queued' | 'done'> {
  switch (letter.queue) {
    case 'triage':
      return reopenAll([read('triage', letter)], ports);
    case 'write-back':
      return reopenAll([read('write-back', letter)], ports);
    case 'feedback': {
      const { others = [], ...first } = read('feedback', letter);
      return reopenAll([first, ...others], ports);
    }
    case 'intake':
      await ports.publish('intake', [read('intake', letter)], { isRevival: true });
      return 'queued';
    case 'undo':
      throw new RejectedError(400, 'what an undo left is for another undo: triage undo --issue or --decision');
    default:
      throw new RejectedError(400, `nothing is tried again in the queue ${letter.queue}`);
  }
}

function read<Name extends QueueName>(name: Name, { id, payload }: DeadLetter): PayloadOf<Name> {
  const parsed = catalogue[name].payload.safeParse(payload);
  if (parsed.success) return parsed.data;
  throw new RejectedError(400, `${id} was queued by another version; have the ticket decided again: triage reclassify`);
}

async function reopenAll(
  served: readonly { readonly deliveryId: string }[],
  { ledger, publish }: ReplayPorts,
): Promise<'queued' | 'done'> {
  let outcome: 'queued' | 'done' = 'done';
  for (const { deliveryId } of served) {
    const open = await ledger.reopen(deliveryId);
    if (!open) continue;
    await publishOpen(open, publish);
    outcome = 'queued';
  }
  return outcome;
}
