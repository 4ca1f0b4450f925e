import type { DeadLetter } from '../decision/dead-letter.ts';
import type { OpenDelivery } from '../decision/delivery.ts';

/** Jobs out of attempts. Every method may throw `TransientError`. */
export interface DeadLetterLedger {
  /** Lays a job to rest, or lays it there again. */
  bury(letter: DeadLetter): Promise<void>;
  /** Those that rest, newest first. */
  deadLetters(limit: number): Promise<readonly DeadLetter[]>;
  /** One that rests; null when there is none of this id. */
  deadLetter(id: string): Promise<DeadLetter | null>;
  /** How many rest, by queue. */
  deadLetterCounts(): Promise<Readonly<Record<string, number>>>;
  /** Takes one away that rests; false when it was gone. */
  unbury(id: string): Promise<boolean>;
  /** Opens a failed delivery again, for another attempt; null when it is not failed. */
  reopen(deliveryId: string): Promise<OpenDelivery | null>;
}
