/** Loaded before the service (`node --import`): its clock goes wrong by as much as the file `CLOCK_SHIFT_FILE` says. */
import { readFileSync } from 'node:fs';

const file = process.env['CLOCK_SHIFT_FILE'] ?? '';
const True = Date;
let shiftMs = 0;
const read = () => {
  shiftMs = Number(readFileSync(file, 'utf8')) || 0;
};
read();
setInterval(read, 50).unref();
const now = () => True.now() + shiftMs;

globalThis.Date = new Proxy(True, {
  construct: (target, given, newTarget) => Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget),
  apply: () => new True(now()).toString(),
  get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
});
