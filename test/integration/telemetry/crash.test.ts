import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const START = new URL('../../../src/start.ts', import.meta.url).href;
const FOREIGN = `Object.assign(new Error('cannot read "CANARY"'), { detail: 'CANARY', cause: new Error('"CANARY"') })`;

function crashing(work: string) {
  const script = `const { start } = await import(${JSON.stringify(START)}); await start(async () => { ${work} });`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', timeout: 30_000 });
}

test.each([
  ['thrown at the start', `throw ${FOREIGN};`],
  ['thrown later', `setTimeout(() => { throw ${FOREIGN}; }, 1); await new Promise(() => setInterval(() => {}, 1000));`],
  ['a promise nobody waits for', `Promise.reject(${FOREIGN}); await new Promise(() => setInterval(() => {}, 1000));`],
])('a bug ends the process with one line that says where, and nothing of what it was about: %s', (_name, work) => {
  const { status, stdout, stderr } = crashing(work);
  expect(status).toBe(1);
  expect(stdout + stderr).not.toContain('CANARY');
  expect(JSON.parse(stderr)).toMatchObject({
    level: 60,
    msg: 'a bug ended this process',
    err: { type: 'Error', message: 'cannot read "…"', stack: expect.stringContaining('    at ') },
  });
});
