import { Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { writeTogether } from '../../../src/batching/one-write.ts';

/** What a stream was asked to send, a list per system call. */
function gathering() {
  const calls: string[][] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      calls.push([chunk.toString()]);
      done();
    },
    writev: (chunks, done) => {
      calls.push(chunks.map(({ chunk }) => String(chunk)));
      done();
    },
  });
  writeTogether(stream);
  return { stream, calls };
}

describe('writes of one turn', () => {
  test('leave together, in their order, in the same turn of the event loop', async () => {
    const { stream, calls } = gathering();
    for (const word of ['one', 'two', 'three']) stream.write(word);
    expect(calls).toEqual([]);
    await nextTurn();
    expect(calls).toEqual([['one', 'two', 'three']]);
  });

  test('do not wait for those of the next turn', async () => {
    const { stream, calls } = gathering();
    for (const word of ['one', 'two']) {
      stream.write(word);
      await nextTurn();
    }
    expect(calls).toEqual([['one'], ['two']]);
  });

  test('stay together where the writer holds some of them back itself, as node-postgres does', async () => {
    const { stream, calls } = gathering();
    for (const query of ['parse', 'bind']) {
      stream.cork();
      stream.write(query);
      stream.write('sync');
      stream.uncork();
    }
    await nextTurn();
    expect(calls).toEqual([['parse', 'sync', 'bind', 'sync']]);
  });

  test('are all sent before a stream that is ended in the same turn ends', async () => {
    const { stream, calls } = gathering();
    stream.write('one');
    stream.end('two');
    await nextTurn();
    await nextTurn();
    expect(calls.flat()).toEqual(['one', 'two']);
    expect(stream.writableFinished).toBe(true);
  });

  test('tell whoever writes when they are sent, and that a stream was destroyed', async () => {
    const { stream } = gathering();
    const sent = await new Promise((resolve) => stream.write('one', resolve));
    expect(sent ?? null).toBeNull();
    stream.on('error', () => {});
    const failed = new Promise((resolve) => stream.write('two', resolve));
    stream.destroy(new Error('cut off'));
    await expect(failed).resolves.toMatchObject({ message: 'cut off' });
  });
});
