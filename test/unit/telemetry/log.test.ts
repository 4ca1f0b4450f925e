import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Logger, openLog } from '../../../src/telemetry/log.ts';

const Line = z.looseObject({ level: z.number(), msg: z.string().optional() });

/** What is written when this is logged. */
function logged(act: (log: Logger) => void): { readonly text: string; readonly line: z.infer<typeof Line> } {
  let text = '';
  const out = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  act(openLog('info', out));
  return { text, line: Line.parse(JSON.parse(text)) };
}

describe('a log line', () => {
  test.each(['summary', 'text', 'description', 'body', 'token', 'apiToken', 'secret', 'authorization', 'headers'])(
    'never holds a %s, however deep it lies',
    (key) => {
      const { text } = logged((log) =>
        log.info(
          { [key]: 'CANARY', issue: { [key]: 'CANARY', in: [{ [key]: 'CANARY', at: { [key]: 'CANARY' } }] } },
          'done',
        ),
      );
      expect(text).not.toContain('CANARY');
      expect(text).toContain('done');
    },
  );

  const foreign = Object.assign(new Error('cannot read "CANARY"'), { detail: 'CANARY', code: '22P02' });

  test('tells an error safely, under whatever key', () => {
    for (const key of ['err', 'error', 'cause', 'why']) {
      const { text, line } = logged((log) => log.warn({ [key]: foreign }, 'failed'));
      expect(text).not.toContain('CANARY');
      expect(line).toMatchObject({ msg: 'failed', [key]: { type: 'Error', code: '22P02' } });
    }
  });

  test('never holds what a child, or a child of it, was made with under such a key', () => {
    const { text, line } = logged((log) =>
      log
        .child({ queue: 'triage', token: 'CANARY' })
        .child({ job: { text: 'CANARY', id: 7 } })
        .info('done'),
    );
    expect(text).not.toContain('CANARY');
    expect(line).toMatchObject({ queue: 'triage', job: { id: 7 }, msg: 'done' });
  });

  test('keeps all else as it is, down to where only a circle can lead', () => {
    const url = new URL('https://acme.atlassian.net/');
    const at = new Date('2026-05-01T08:00:00Z');
    const fields = { ms: { total: 1.5 }, people: ['ada', { id: 7 }], none: null, at, url };
    expect(logged((log) => log.info(fields, 'done')).line).toMatchObject({
      ...fields,
      at: at.toJSON(),
      url: url.href,
    });
    const circle: Record<string, unknown> = { name: 'one' };
    circle['next'] = circle;
    expect(logged((log) => log.info({ circle }, 'done')).line).toMatchObject({ circle: { next: { name: 'one' } } });
  });

  test('tells an error safely that is logged alone, or by a child', () => {
    expect(logged((log) => log.error(foreign)).text).not.toContain('CANARY');
    const { text, line } = logged((log) => log.child({ queue: 'triage' }).error(foreign, 'failed'));
    expect(text).not.toContain('CANARY');
    expect(line).toMatchObject({ queue: 'triage', msg: 'failed', err: { type: 'Error' } });
  });

  test('does not repeat what is thrown and is no error', () => {
    expect(logged((log) => log.error({ err: 'CANARY' }, 'failed')).text).not.toContain('CANARY');
  });

  test('names no trace outside of one', () => {
    expect(logged((log) => log.info('done')).line).not.toHaveProperty('traceId');
  });
});
