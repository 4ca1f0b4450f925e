import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { encodeModel, versionOf } from '../../../../src/learning/linear/model-file.ts';
import { trainInThread, unpack } from '../../../../src/learning/linear/trainer.ts';
import { lesson, recipeWith, trainOn } from '../../../support/learnt.ts';

const tickets = [
  lesson('printer jam', ['printing']),
  lesson('password refused', ['access']),
  lesson('printer smells', ['printing']),
  lesson('password forgotten', ['access']),
];

describe('a training in a thread of its own', () => {
  test('gives the very model that training here would give, whatever the pages', async () => {
    const pages = [tickets.slice(0, 1), [], tickets.slice(1)];
    const { version, bytes, targets } = await trainInThread(pages, recipeWith({ targets: ['category', 'team'] }));
    const here = encodeModel(trainOn(tickets, { targets: ['category', 'team'] }));
    expect(version).toBe(versionOf(here));
    expect(targets).toEqual(['category']);
    const model = await unpack(version, bytes);
    expect(Buffer.compare(encodeModel(model), here)).toBe(0);
  });

  test('fails as its pages fail', async () => {
    async function* pages() {
      yield tickets;
      throw new Error('the database is gone');
    }
    await expect(trainInThread(pages(), recipeWith())).rejects.toThrow('the database is gone');
  });
});

describe('unpacking', () => {
  const raw = encodeModel(trainOn(tickets));
  const version = versionOf(raw);
  const packed = gzipSync(raw);

  test('gives the model that was packed', async () => {
    const model = await unpack(version, packed);
    expect([model.version, model.summary.tickets, [...model.targets.keys()]]).toEqual([version, 4, ['category']]);
  });

  test.each([
    ['what is not packed', Buffer.from('not gzip at all')],
    ['what is cut off', packed.subarray(0, packed.length - 100)],
    ['what was cut off before packing', gzipSync(raw.subarray(0, raw.length - 4))],
    ['another model', gzipSync(encodeModel(trainOn([])))],
    ['nothing', Buffer.alloc(0)],
  ])('%s is refused', async (_what, bytes) => {
    await expect(unpack(version, bytes)).rejects.toThrow();
  });
});
