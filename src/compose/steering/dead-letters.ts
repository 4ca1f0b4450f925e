import type { Steering } from '../../admin/steering.ts';
import type { DeadLetter } from '../../domain/decision/dead-letter.ts';
import { RejectedError } from '../../domain/errors.ts';
import type { Ledger } from '../../domain/ports/ledger.ts';
import type { Publish } from '../../queue/catalogue.ts';
import { replay } from '../../upkeep/replay.ts';

export interface DeadLetterParts {
  readonly ledger: Ledger;
  readonly publish: Publish;
  readonly audit: (entry: {
    readonly action: string;
    readonly actor: string;
    readonly detail: string;
  }) => Promise<void>;
}

const LISTED = 200;

/** What people do about jobs out of attempts. */
export function deadLetterSteering({
  ledger,
  publish,
  audit,
}: DeadLetterParts): Pick<Steering, 'deadLetters' | 'deadLetter' | 'replayDeadLetter' | 'discardDeadLetter'> {
  const known = async (id: string): Promise<DeadLetter> => {
    const letter = await ledger.deadLetter(id);
    if (!letter) throw new RejectedError(404, `no dead letter ${id}; they are listed under dead-letters`);
    return letter;
  };
  return {
    deadLetters: () => ledger.deadLetters(LISTED),
    deadLetter: known,
    replayDeadLetter: async (id, actor) => {
      const letter = await known(id);
      await audit({ action: 'replay-dead-letter', actor, detail: `${id}: ${letter.error}` });
      return replay(letter, { ledger, publish });
    },
    discardDeadLetter: async (id, actor) => {
      const { error } = await known(id);
      await audit({ action: 'discard-dead-letter', actor, detail: `${id}: ${error}` });
      await ledger.unbury(id);
    },
  };
}
