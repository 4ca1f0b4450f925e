import { createHash } from 'node:crypto';
import { z } from 'zod';
import { FEATURE_SPACE } from './features.ts';
import type { LocalModel } from './model.ts';

/** Bumped whenever features or layout change: an old file then counts as none, and training makes a new one. */
const FORMAT = 2;
const MAGIC = 0x4d4c544a;
const PREFIX_BYTES = 12;

const HeaderSchema = z.object({
  format: z.literal(FORMAT),
  summary: z.object({
    tickets: z.int(),
    from: z.string(),
    to: z.string(),
    seed: z.int(),
    recipe: z.string(),
  }),
  targets: z.array(
    z.object({
      name: z.string(),
      classes: z.array(z.object({ value: z.string(), tickets: z.int() })),
    }),
  ),
  features: z.int(),
  entries: z.int(),
});

/** A model as bytes: a header in JSON, then its arrays, little-endian, each on a four-byte boundary. */
export function encodeModel({ summary, rarity, targets, table }: Omit<LocalModel, 'version'>): Uint8Array<ArrayBuffer> {
  const header = {
    format: FORMAT,
    summary,
    targets: [...targets].map(([name, { classes }]) => ({ name, classes })),
    features: table.rows.length / 2 - 1,
    entries: table.entries.length,
  };
  const text = Buffer.from(JSON.stringify(header));
  const prefix = new Uint32Array([MAGIC, FORMAT, text.length]);
  const separators = [...targets.values()].flatMap(({ biases, scales }) => [biases, scales]);
  return Buffer.concat([prefix, text, rarity, ...separators, table.rows, table.entries].map(padded));
}

function padded(array: ArrayBufferView): Uint8Array {
  const bytes = new Uint8Array(aligned(array.byteLength));
  bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  return bytes;
}

function aligned(length: number): number {
  return (length + 3) & ~3;
}

/** The fingerprint of a model's bytes, which is its version. */
export function versionOf(bytes: Uint8Array): string {
  return versionFrom(createHash('sha256').update(bytes).digest());
}

function versionFrom(digest: Uint8Array): string {
  return Buffer.from(digest).toString('hex').slice(0, 16);
}

/**
 * The reverse of `encodeModel`, without copying where it can; the fingerprint is taken off this thread. Rejects when the
 * bytes are not those of this version, or of another format.
 */
export async function decodeModel(version: string, bytes: Uint8Array<ArrayBuffer>): Promise<LocalModel> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  if (versionFrom(digest) !== version) throw new Error(`the bytes of model ${version} are damaged`);
  const reader = new Reader(bytes);
  const [magic, format, length] = reader.u32(PREFIX_BYTES / 4);
  if (magic !== MAGIC || format !== FORMAT)
    throw new Error(`model ${version} has another format than this build writes`);
  const header = HeaderSchema.parse(JSON.parse(Buffer.from(reader.u8(length ?? 0)).toString('utf8')));
  const rarity = reader.u8(FEATURE_SPACE);
  const targets = header.targets.map(({ name, classes }) => {
    const [biases, scales] = [reader.f32(classes.length), reader.f32(classes.length)];
    return [name, { classes, biases, scales }] as const;
  });
  const table = { rows: reader.u32(2 * (header.features + 1)), entries: reader.u32(header.entries) };
  return { version, summary: header.summary, rarity, targets: new Map(targets), table };
}

/** Views one array after the other, without copying. */
class Reader {
  readonly #buffer: ArrayBuffer;
  #offset = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#buffer = bytes.byteOffset === 0 ? bytes.buffer : new Uint8Array(bytes).buffer;
  }

  u8 = (length: number) => new Uint8Array(this.#buffer, this.#take(length), length);
  u32 = (length: number) => new Uint32Array(this.#buffer, this.#take(length * 4), length);
  f32 = (length: number) => new Float32Array(this.#buffer, this.#take(length * 4), length);

  #take(bytes: number): number {
    const start = this.#offset;
    this.#offset += aligned(bytes);
    return start;
  }
}
