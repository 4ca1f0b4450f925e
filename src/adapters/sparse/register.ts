import type { MemoryQuery } from '../../domain/ports/memory.ts';

/** What decides whether a ticket may be seen, known without asking a database. */
export interface Meta {
  readonly project: string;
  readonly createdMs: number;
  readonly securityLevel: string | null;
}

type Place = Pick<Meta, 'project' | 'securityLevel'>;

/** Which past tickets there are. Each has a small number while it is here, which is given to another one afterwards. */
export class Register {
  readonly #numbers = new Map<string, number>();
  readonly #ids: string[] = [];
  readonly #free: number[] = [];
  #createdMs = new Float64Array(1024);
  #placeOf = new Uint32Array(1024);
  /** Projects with their security levels: few, however many tickets. */
  readonly #places: Place[] = [];
  readonly #placeNumbers = new Map<string, number>();

  get size(): number {
    return this.#numbers.size;
  }

  numberOf(id: string): number | undefined {
    return this.#numbers.get(id);
  }

  idOf(number: number): string {
    return this.#ids[number] ?? '';
  }

  /** Adds a ticket, or changes what is known of it; tells its number. */
  put(id: string, meta: Meta): number {
    const number = this.#numbers.get(id) ?? this.#free.pop() ?? this.#ids.length;
    if (number >= this.#createdMs.length) this.#grow();
    this.#numbers.set(id, number);
    this.#ids[number] = id;
    this.#createdMs[number] = meta.createdMs;
    this.#placeOf[number] = this.#placeNumber(meta);
    return number;
  }

  /** Tells the number that is free now. */
  remove(id: string): number | undefined {
    const number = this.#numbers.get(id);
    if (number === undefined) return undefined;
    this.#numbers.delete(id);
    this.#ids[number] = '';
    this.#free.push(number);
    return number;
  }

  /** Whether the ticket of a number may be evidence for this query. */
  visibleTo(query: MemoryQuery): (number: number) => boolean {
    const beforeMs = Date.parse(query.before);
    const excluded = this.#numbers.get(query.excludeId) ?? -1;
    const isOpen = this.#places.map(isOpenTo(query));
    return (number) =>
      number !== excluded && (this.#createdMs[number] ?? 0) < beforeMs && isOpen[this.#placeOf[number] ?? 0] === true;
  }

  #placeNumber({ project, securityLevel }: Place): number {
    const name = JSON.stringify([project, securityLevel]);
    const known = this.#placeNumbers.get(name);
    if (known !== undefined) return known;
    this.#placeNumbers.set(name, this.#places.length);
    return this.#places.push({ project, securityLevel }) - 1;
  }

  #grow(): void {
    const [createdMs, placeOf] = [this.#createdMs, this.#placeOf];
    this.#createdMs = new Float64Array(createdMs.length * 2);
    this.#createdMs.set(createdMs);
    this.#placeOf = new Uint32Array(placeOf.length * 2);
    this.#placeOf.set(placeOf);
  }
}

/** The rule of projects and security levels, see `MemoryQuery`. */
export function isOpenTo({
  projects,
  readerProject,
  readerLevel,
}: Pick<MemoryQuery, 'projects' | 'readerProject' | 'readerLevel'>): (place: Place) => boolean {
  const asked = new Set(projects);
  return ({ project, securityLevel }) =>
    asked.has(project) && (securityLevel === null || (project === readerProject && securityLevel === readerLevel));
}
