/**
 * Dot products of 8-bit rows with one 16-bit query by WebAssembly's SIMD instructions, which JavaScript cannot reach.
 * Measured over 100,000 × 384 in one thread: 2 ms where V8 optimises, 3 ms where it may not (see small-wasm.ts), 40 ms
 * as JavaScript.
 */
export interface Kernel {
  /** Writes the dot products of `rows` rows of `width` bytes that begin at `codes`, as 32-bit numbers, from `out` on. */
  dots(at: { readonly codes: number; readonly query: number; readonly out: number }, rows: number, width: number): void;
}

/** Rows are as wide as a multiple of this: so many numbers are taken per step. */
export const STEP = 64;

/** `rows` is not 0, and `width` a multiple of `STEP`. */
export function kernelOn(memory: WebAssemblyMemory): Kernel {
  const { dots } = new WebAssembly.Instance(new WebAssembly.Module(binary()), { host: { memory } }).exports;
  if (!dots) throw new Error('the kernel exports nothing');
  return { dots: ({ codes, query, out }, rows, width) => dots(codes, query, out, rows, width) };
}

type Code = readonly number[];

/** Parameters and local variables, by number. */
const [CODES, QUERY, OUT, ROWS, WIDTH, END, AT, SUM, SIXTEEN] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
const [I32, V128, NOTHING] = [0x7f, 0x7b, 0x40];

const get = (local: number): Code => [0x20, local];
const set = (local: number): Code => [0x21, local];
const tee = (local: number): Code => [0x22, local];
const i32 = (value: number): Code => [0x41, ...leb(value)];
const ADD: Code = [0x6a];
const SUBTRACT: Code = [0x6b];
const DIFFERS: Code = [0x47];
const AGAIN: Code = [0x0d, 0];
const STORE: Code = [0x36, 2, 0];
const loop = (...body: readonly Code[]): Code => [0x03, NOTHING, ...body.flat(), 0x0b];
const simd = (operation: number, ...rest: readonly number[]): Code => [0xfd, ...leb(operation), ...rest];
const load = (offset: number): Code => simd(0x00, 4, ...leb(offset));
const ZERO: Code = [...i32(0), ...simd(0x11)];
const LOW_AS_16: Code = simd(0x87);
const HIGH_AS_16: Code = simd(0x88);
const DOT: Code = simd(0xba);
const PLUS: Code = simd(0xae);
const lane = (number: number): Code => [...get(SUM), ...simd(0x1b, number)];

/** Sixteen products, added to the sum in four lanes. */
const sixteen = (number: number): Code => [
  ...[...get(SUM), ...get(CODES), ...load(number * 16), ...tee(SIXTEEN)],
  ...[...LOW_AS_16, ...get(AT), ...load(number * 32), ...DOT, ...PLUS],
  ...[...get(SIXTEEN), ...HIGH_AS_16, ...get(AT), ...load(number * 32 + 16), ...DOT, ...PLUS, ...set(SUM)],
];

/** Row by row: the sum of all steps, its lanes added up and stored. */
const BODY: Code = loop(
  [...ZERO, ...set(SUM), ...get(QUERY), ...set(AT), ...get(CODES), ...get(WIDTH), ...ADD, ...set(END)],
  loop(
    [...sixteen(0), ...sixteen(1), ...sixteen(2), ...sixteen(3)],
    [...get(AT), ...i32(STEP * 2), ...ADD, ...set(AT)],
    [...get(CODES), ...i32(STEP), ...ADD, ...tee(CODES), ...get(END), ...DIFFERS, ...AGAIN],
  ),
  [...get(OUT), ...lane(0), ...lane(1), ...ADD, ...lane(2), ...ADD, ...lane(3), ...ADD, ...STORE],
  [...get(OUT), ...i32(4), ...ADD, ...set(OUT)],
  [...get(ROWS), ...i32(1), ...SUBTRACT, ...tee(ROWS), ...AGAIN],
);

/** The module: one type, the memory that it imports, one function that it exports (WebAssembly 2.0, section 5.5). */
function binary(): Uint8Array<ArrayBuffer> {
  const locals = list([
    [2, I32],
    [2, V128],
  ]);
  const code = [...locals, ...BODY, 0x0b];
  return Uint8Array.from([
    ...[0, ...text('asm').slice(1), 1, 0, 0, 0],
    ...section(1, [[0x60, ...list([I32, I32, I32, I32, I32].map((type) => [type])), 0]]),
    ...section(2, [[...text('host'), ...text('memory'), 2, 0, 1]]),
    ...section(3, [[0]]),
    ...section(7, [[...text('dots'), 0, 0]]),
    ...section(10, [[...leb(code.length), ...code]]),
  ]);
}

function section(number: number, items: readonly Code[]): Code {
  const body = list(items);
  return [number, ...leb(body.length), ...body];
}

function list(items: readonly Code[]): Code {
  return [...leb(items.length), ...items.flat()];
}

function text(ascii: string): Code {
  return list([...ascii].map((character) => [character.charCodeAt(0)]));
}

/** A whole number in LEB128, seven bits at a time; ours are small enough to be the same with and without a sign. */
function leb(value: number): Code {
  return value < 0x40 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}
