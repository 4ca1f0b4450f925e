import { describe, expect, test } from 'vitest';
import { decodeModel, encodeModel, versionOf } from '../../../../src/learning/linear/model-file.ts';
import { lesson, trainOn } from '../../../support/learnt.ts';

const trained = trainOn(
  ['printer jam', 'password refused', 'no mail'].flatMap((title) => {
    const ticket = { ...lesson(title, [title]), truths: { category: [title], team: [title.slice(0, 1)] } };
    return [ticket, ticket];
  }),
  { targets: ['category', 'team'] },
);
const bytes = new Uint8Array(encodeModel(trained));
const version = versionOf(bytes);

/** Reads bytes that are what their version says. */
const decodeWhole = (whole: Uint8Array<ArrayBuffer>) => decodeModel(versionOf(whole), whole);

/** With a header that says something else. */
function withHeader(change: (header: string) => string): Uint8Array<ArrayBuffer> {
  const length = new DataView(bytes.buffer).getUint32(8, true);
  const header = Buffer.from(change(Buffer.from(bytes.subarray(12, 12 + length)).toString('utf8')));
  const prefix = bytes.slice(0, 12);
  new DataView(prefix.buffer).setUint32(8, header.length, true);
  const padding = Buffer.alloc((4 - (header.length % 4)) % 4);
  return Buffer.concat([prefix, header, padding, bytes.subarray(12 + ((length + 3) & ~3))]);
}

describe('a model as bytes', () => {
  test('comes back as it was', async () => {
    const { rarity, ...rest } = await decodeModel(version, bytes);
    const { rarity: before, ...expected } = trained;
    expect(rest).toEqual({ ...expected, version });
    expect(Buffer.compare(rarity, before)).toBe(0);
    expect(Buffer.compare(encodeModel({ rarity, ...rest }), bytes)).toBe(0);
  });

  test('comes back wherever its bytes lie', async () => {
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    expect((await decodeModel(version, shifted.subarray(1))).targets).toEqual(trained.targets);
  });

  test('made from nothing comes back too', async () => {
    const { targets, summary } = await decodeWhole(encodeModel(trainOn([])));
    expect(targets.size).toBe(0);
    expect(summary).toMatchObject({ tickets: 0, from: '', to: '' });
  });

  test.each([0, 5, 13, 100_000, bytes.length - 1])('with a damaged byte at %i is refused', async (position) => {
    const damaged = bytes.slice();
    damaged[position] = (damaged[position] ?? 0) ^ 1;
    await expect(decodeModel(version, damaged)).rejects.toThrow(`the bytes of model ${version} are damaged`);
  });

  test.each([0, 11, 12, 100, 100_000, bytes.length - 4])('cut off after %i bytes is refused', async (length) => {
    const part = bytes.slice(0, length);
    await expect(decodeModel(version, part)).rejects.toThrow('damaged');
    await expect(decodeWhole(part)).rejects.toThrow();
  });

  test.each([
    ['format', 4],
    ['magic number', 0],
  ])('of another %s is refused, whole as it is', async (_what, position) => {
    const other = bytes.slice();
    other[position] = 7;
    await expect(decodeWhole(other)).rejects.toThrow('has another format than this build writes');
  });

  test.each([
    ['no JSON', (header: string) => header.slice(1)],
    ['no summary', (header: string) => header.replace('"summary"', '"sumary"')],
    ['another format', (header: string) => header.replace('"format":2', '"format":1')],
    ['more entries than there are', (header: string) => header.replace(/"entries":\d+/, '"entries":99999999')],
  ])('whose header has %s is refused', async (_what, change) => {
    await expect(decodeWhole(withHeader(change))).rejects.toThrow();
  });

  test('whose header is put back as it was is the same', () => {
    expect(versionOf(withHeader((header) => header))).toBe(version);
  });
});
