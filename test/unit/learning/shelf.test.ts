import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { ModelStore } from '../../../src/domain/ports/model.ts';
import { encodeModel, versionOf } from '../../../src/learning/linear/model-file.ts';
import { Shelf } from '../../../src/learning/shelf.ts';
import { modelsFake } from '../../fakes/models.ts';
import { lesson, trainOn } from '../../support/learnt.ts';

const [first, second] = ['printer jam', 'password refused'].map((title) => {
  const lessons = [lesson(title, ['a']), lesson('no mail', ['b'])];
  const raw = encodeModel(trainOn([...lessons, ...lessons]));
  return { version: versionOf(raw), bytes: gzipSync(raw, { level: 1 }) };
});
if (!(first && second)) throw new Error('no models');

interface Desk {
  readonly models: ModelStore;
  readonly shelf: Shelf;
  readonly warnings: readonly { readonly version: string; readonly why: string }[];
  /** Stores a model, and lets a minute pass. */
  save(model: { readonly version: string; readonly bytes: Uint8Array }): Promise<void>;
}

function openDesk(parts: Partial<ModelStore> = {}): Desk {
  let nowMs = Date.UTC(2026, 0, 1);
  const models = { ...modelsFake({ now: () => new Date(nowMs) }), ...parts };
  const warnings: { version: string; why: string }[] = [];
  return {
    models,
    warnings,
    shelf: new Shelf(models, (problem) => void warnings.push(problem)),
    save: async ({ version, bytes }) => {
      await models.save(version, bytes);
      nowMs += 60_000;
    },
  };
}

describe('the shelf', () => {
  test('is empty before the first training', async () => {
    const { shelf, warnings } = openDesk();
    await shelf.refresh();
    expect([shelf.current(), shelf.storedAt(), warnings]).toEqual([null, null, []]);
  });

  test('has the newest stored model after a look', async () => {
    const { shelf, save } = openDesk();
    await save(first);
    expect(shelf.current()).toBeNull();
    await shelf.refresh();
    expect(shelf.current()).toMatchObject({ version: first.version, summary: { tickets: 4 } });
    expect(shelf.storedAt()).toBe('2026-01-01T00:00:00.000Z');
  });

  test('swaps in a newer one, and whoever holds the old one may go on using it', async () => {
    const { shelf, save } = openDesk();
    await save(first);
    await shelf.refresh();
    const held = shelf.current();
    await save(second);
    await shelf.refresh();
    expect(shelf.current()?.version).toBe(second.version);
    expect(shelf.storedAt()).toBe('2026-01-01T00:01:00.000Z');
    expect([held?.version, held?.targets.size]).toEqual([first.version, 1]);
  });

  test('keeps the very model it has when the same one was stored again, and notes the time', async () => {
    const { shelf, save } = openDesk();
    await save(first);
    await shelf.refresh();
    const held = shelf.current();
    await save(first);
    await shelf.refresh();
    expect(shelf.current()).toBe(held);
    expect(shelf.storedAt()).toBe('2026-01-01T00:01:00.000Z');
  });

  test.each([
    ['is damaged', Buffer.from('nothing that was ever packed')],
    ['is another model than it says', first.bytes],
    ['is cut off', second.bytes.subarray(0, 1000)],
  ])('keeps what is in use when the newest one %s, and warns once', async (_what, bytes) => {
    const { shelf, save, warnings } = openDesk();
    await save(first);
    await shelf.refresh();
    await save({ version: second.version, bytes });
    for (const _look of [1, 2, 3]) await shelf.refresh();
    expect([shelf.current()?.version, shelf.storedAt()]).toEqual([first.version, '2026-01-01T00:00:00.000Z']);
    expect(warnings).toEqual([{ version: second.version, why: expect.stringMatching(/./) }]);
  });

  test('has none when the first one is damaged, until it is stored again as it should be', async () => {
    const { shelf, save, warnings } = openDesk();
    await save({ version: first.version, bytes: first.bytes.subarray(1) });
    await shelf.refresh();
    expect([shelf.current(), shelf.storedAt()]).toEqual([null, null]);
    await save(first);
    await shelf.refresh();
    expect(shelf.current()?.version).toBe(first.version);
    expect(warnings).toHaveLength(1);
  });

  test('warns of each damaged one anew', async () => {
    const { shelf, save, warnings } = openDesk();
    for (const version of ['one', 'other']) {
      await save({ version, bytes: first.bytes });
      await shelf.refresh();
      await shelf.refresh();
    }
    expect(warnings.map(({ version }) => version)).toEqual(['one', 'other']);
  });

  test('warns when a model’s bytes are gone', async () => {
    const { shelf, save, warnings } = openDesk({ load: async () => null });
    await save(first);
    await shelf.refresh();
    expect(shelf.current()).toBeNull();
    expect(warnings).toEqual([{ version: first.version, why: 'its parts are missing' }]);
  });

  test('keeps what is in use while the store cannot be reached, and looks again later', async () => {
    let isDown = false;
    const whole = modelsFake();
    const { shelf, save, warnings } = openDesk({
      ...whole,
      newest: async () => {
        if (isDown) throw new Error('the database is gone');
        return whole.newest();
      },
    });
    await save(first);
    await shelf.refresh();
    isDown = true;
    await expect(shelf.refresh()).rejects.toThrow('the database is gone');
    expect(shelf.current()?.version).toBe(first.version);
    isDown = false;
    await save(second);
    await shelf.refresh();
    expect([shelf.current()?.version, warnings]).toEqual([second.version, []]);
  });
});
