import type { Schemas } from '@qdrant/js-client-rest';
import { MisconfiguredError, TransientError } from '../../../domain/errors.ts';
import { isSameSpace } from '../../../domain/ticket/embedding.ts';
import type { Space } from '../../../domain/ticket/space.ts';
import { answered, assertVersion, lookingAgain, OutrunError, type Qdrant } from '../client.ts';
import { INDEXES } from '../points.ts';
import { type CollectionOptions, configFor, driftOf, notOurs, spaceIn } from './config.ts';
import { Names } from './names.ts';

/** One collection with all tickets: with vectors of a space, or of their words alone. */
export interface Edition {
  readonly name: string;
  readonly number: number;
  readonly space: Space | null;
}

/** The edition that is searched, and the one that is to take its place. */
export interface Editions {
  readonly live: Edition;
  readonly building: Edition | null;
}

/** How long one that did not answer is not asked again. */
const AWAY_MS = 1_000;

/**
 * The collections of one desk. An alias named like the prefix leads to the live one; `<prefix>.next.<number>` to the one
 * that is built. A collection becomes live by renaming the latter to the former, which is one step and fails when it was
 * taken away: whoever gives a collection up does that first, so nobody can drop what just became live.
 */
export class Collections {
  readonly #qdrant: Qdrant;
  readonly #options: CollectionOptions;
  readonly #names: Names;
  /** By name, which tells a space from every other one. */
  readonly #spaces = new Map<string, Space | null>();
  #checked: Promise<void> | null = null;
  #away: { readonly error: Error; readonly untilMs: number } | null = null;

  constructor(qdrant: Qdrant, options: CollectionOptions) {
    this.#qdrant = qdrant;
    this.#options = options;
    this.#names = new Names(options.prefix);
  }

  /** The editions as they are now; the first is made where there is none. */
  look(): Promise<Editions> {
    return lookingAgain(async () => {
      const aliases = await this.#aliases();
      const target = aliases.get(this.#names.live);
      if (target === undefined) {
        await this.#begin();
        throw new OutrunError('there is a first collection now');
      }
      const live = await this.#edition(target);
      const aliased = [...aliases].filter(([alias]) => this.#names.isNext(alias));
      const nexts = await Promise.all(aliased.map(([, name]) => this.#edition(name)));
      const [newest] = nexts.toSorted((one, other) => other.number - one.number);
      return { live, building: newest && newest.number > live.number ? newest : null };
    });
  }

  /** Makes an edition with this space beside the live one, or goes on with it; any other that is built is given up. */
  open(space: Space): Promise<void> {
    return lookingAgain(async () => {
      const { live, building } = await this.look();
      if (building?.space && isSameSpace(building.space, space)) return;
      const isLive = live.space !== null && isSameSpace(live.space, space);
      if (isLive && !building) return;
      const given = building ? [{ delete_alias: { alias_name: this.#names.next(building.number) } }] : [];
      if (isLive) {
        await this.#change(given);
        return await this.#dropUnused(building ? [building.name] : []);
      }
      const { name, number } = await this.#fresh(live, space);
      await this.#create(name, space);
      const taken = { create_alias: { alias_name: this.#names.next(number), collection_name: name } };
      await this.#change([...given, taken]);
      await this.#sweep();
    });
  }

  /** Lets an edition take the place of the live one; false when it was given up meanwhile. */
  async swap({ number }: Edition): Promise<boolean> {
    const renamed = { old_alias_name: this.#names.next(number), new_alias_name: this.#names.live };
    try {
      await this.#change([{ rename_alias: renamed }]);
    } catch (error) {
      if (error instanceof OutrunError) return false;
      throw error;
    }
    await this.#sweep();
    return true;
  }

  /**
   * Does something to each edition, first the live one, and again when the editions changed meanwhile: a collection that
   * another replica begins or makes live in between gets it, too.
   */
  everywhere(act: (edition: Edition) => Promise<void>): Promise<void> {
    return lookingAgain(async () => {
      const { live, building } = await this.look();
      await act(live);
      if (building) await act(building);
      const now = await this.look();
      if (now.live.name !== live.name || now.building?.name !== building?.name)
        throw new OutrunError('the collections changed meanwhile');
    });
  }

  /** Gives the live collection the settings that it can get in place; returns what an operator has to do for others. */
  async adjust(): Promise<readonly string[]> {
    const { live } = await this.look();
    const { config } = await answered(this.#qdrant.quick.getCollection(live.name));
    const { advice, update } = driftOf(live.name, config, this.#options);
    if (update) await answered(this.#qdrant.patient.updateCollection(live.name, update));
    return advice;
  }

  /** Everything begins here. One that is away is waited for once a second, not by everybody who asks. */
  async #aliases(): Promise<ReadonlyMap<string, string>> {
    if (this.#away && performance.now() < this.#away.untilMs) throw this.#away.error;
    try {
      this.#checked ??= assertVersion(this.#qdrant);
      await this.#checked;
      const { aliases } = await answered(this.#qdrant.quick.getAliases());
      this.#away = null;
      return new Map(aliases.map(({ alias_name, collection_name }) => [alias_name, collection_name]));
    } catch (error) {
      this.#checked = null;
      if (error instanceof TransientError) this.#away = { error, untilMs: performance.now() + AWAY_MS };
      throw error;
    }
  }

  async #listed(): Promise<readonly string[]> {
    const { collections } = await answered(this.#qdrant.quick.getCollections());
    return collections.map(({ name }) => name);
  }

  async #edition(name: string): Promise<Edition> {
    const number = this.#names.numberOf(name);
    if (number === null) throw notOurs(name);
    const known = this.#spaces.get(name);
    const space = known === undefined ? spaceIn(name, await answered(this.#qdrant.quick.getCollection(name))) : known;
    this.#spaces.set(name, space);
    return { name, number, space };
  }

  /** The next number, or that of a collection which a replica made for the same space and did not come to use. */
  async #fresh(live: Edition, space: Space): Promise<{ readonly name: string; readonly number: number }> {
    const names = await this.#listed();
    const newest = Math.max(live.number, ...names.map((name) => this.#names.numberOf(name) ?? 0));
    const begun = this.#names.collection(newest, space);
    if (newest > live.number && names.includes(begun)) return { name: begun, number: newest };
    return { name: this.#names.collection(newest + 1, space), number: newest + 1 };
  }

  async #begin(): Promise<void> {
    const { live: prefix } = this.#names;
    const first = this.#names.collection(1, null);
    const others = (await this.#listed()).filter((name) => name === prefix || (this.#names.numberOf(name) ?? 1) > 1);
    if ((await this.#aliases()).has(prefix)) return;
    if (others.length > 0)
      throw new MisconfiguredError([
        `Qdrant holds ${others.join(', ')}, but no alias ${prefix} says which is to be searched. Create that alias, or set QDRANT_PREFIX to a new name`,
      ]);
    await this.#create(first, null);
    // Another replica may have begun and gone on to the next collection since the first look.
    if ((await this.#aliases()).has(prefix)) return;
    await this.#change([{ create_alias: { alias_name: prefix, collection_name: first } }]);
  }

  /** Whoever comes second uses what the first one made. */
  async #create(name: string, space: Space | null): Promise<void> {
    const { patient } = this.#qdrant;
    try {
      await answered(patient.createCollection(name, configFor(space, this.#options)));
    } catch (error) {
      if (!(error instanceof OutrunError)) throw error;
    }
    for (const [field_name, field_schema] of Object.entries(INDEXES)) {
      await answered(patient.createPayloadIndex(name, { wait: true, field_name, field_schema }));
    }
  }

  /** Drops what was live or built before the newest collection that is in use. */
  async #sweep(): Promise<void> {
    const aliases = await this.#aliases();
    const newest = Math.max(...[...aliases.values()].map((name) => this.#names.numberOf(name) ?? 0));
    const stale = [...aliases].filter(
      ([alias, name]) => this.#names.isNext(alias) && (this.#names.numberOf(name) ?? 0) < newest,
    );
    if (stale.length > 0) await this.#change(stale.map(([alias_name]) => ({ delete_alias: { alias_name } })));
    await this.#dropUnused((await this.#listed()).filter((name) => (this.#names.numberOf(name) ?? newest) < newest));
  }

  async #dropUnused(names: readonly string[]): Promise<void> {
    const used = new Set((await this.#aliases()).values());
    for (const name of names) {
      if (!used.has(name)) await answered(this.#qdrant.patient.deleteCollection(name));
    }
  }

  #change(actions: Schemas['AliasOperations'][]): Promise<boolean> {
    return answered(this.#qdrant.patient.updateCollectionAliases({ actions }));
  }
}
