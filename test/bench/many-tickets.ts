import type { IssueDraft } from '../fakes/jira/model.ts';
import { type DeskTicket, deskTickets, finishedDraft, newDraft } from '../support/desk.ts';

/** A deterministic stream of numbers in [0, 1): mulberry32 (Tommy Ettinger, public domain algorithm). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Endless variations of the invented tickets: each mixes the sentences of two of the same category. */
export function manyTickets(count: number, seed: number): readonly DeskTicket[] {
  const random = seeded(seed);
  const { history } = deskTickets();
  const pick = (from: readonly DeskTicket[]) => from[Math.floor(random() * from.length)];
  return Array.from({ length: count }, (_, index) => {
    const one = pick(history);
    const other = one && pick(history.filter(({ category }) => category === one.category));
    if (!one || !other) throw new Error('no tickets to vary');
    const sentences = `${one.description} ${other.description}`.split(/(?<=[.!?。])\s+/).sort(() => random() - 0.5);
    return { ...one, summary: `${one.summary} ${index}`, description: sentences.join(' ') };
  });
}

export function manyFinished(count: number): readonly IssueDraft[] {
  return manyTickets(count, 1).map((ticket, index) => finishedDraft(ticket, 1 + (count - index) / 50));
}

export function manyNew(count: number): readonly IssueDraft[] {
  return manyTickets(count, 2).map(newDraft);
}
