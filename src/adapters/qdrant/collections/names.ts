import { createHash } from 'node:crypto';
import type { Space } from '../../../domain/ticket/space.ts';

/** What collections and aliases of one desk are called. A prefix holds no dot, so no other desk's names are taken for ours. */
export class Names {
  /** The alias that leads to the collection that is searched. */
  readonly live: string;

  constructor(prefix: string) {
    this.live = prefix;
  }

  /** The alias of the collection with this number while it is built. */
  next(number: number): string {
    return `${this.live}.next.${number}`;
  }

  isNext(alias: string): boolean {
    return alias.startsWith(`${this.live}.next.`);
  }

  /** Two replicas that want the same get the same name, and only one of them can create it. */
  collection(number: number, space: Space | null): string {
    const identity = space && JSON.stringify([space.model, space.dimensions]);
    const tag = identity === null ? 'words' : createHash('sha256').update(identity).digest('hex').slice(0, 8);
    return `${this.live}.${number}.${tag}`;
  }

  /** Null: none of ours. */
  numberOf(collection: string): number | null {
    if (!collection.startsWith(`${this.live}.`)) return null;
    const [, number] = /^(\d+)\.\w+$/.exec(collection.slice(this.live.length + 1)) ?? [];
    return number === undefined ? null : Number(number);
  }
}
