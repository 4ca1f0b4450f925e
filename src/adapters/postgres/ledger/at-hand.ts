import type { Decision } from '../../../domain/decision/decision.ts';

/** Decisions that wait for their write; those of a flood in its grace are read again instead. */
const MOST = 256;

/**
 * Decisions that this process just recorded. They never change, and who writes one here, a moment later, need not have it
 * sent, parsed and checked again: that was a tenth of what a ticket allocates.
 */
export class AtHand {
  readonly #decisions = new Map<string, Decision>();

  keep(decision: Decision): void {
    const [oldest] = this.#decisions.keys();
    if (oldest !== undefined && this.#decisions.size >= MOST) this.#decisions.delete(oldest);
    this.#decisions.set(decision.id, decision);
  }

  /** Null when it is not, or was taken before. */
  take(id: string): Decision | null {
    const decision = this.#decisions.get(id) ?? null;
    this.#decisions.delete(id);
    return decision;
  }
}
