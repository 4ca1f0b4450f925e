import type { Writable } from 'node:stream';

/**
 * From now on, what is written to this stream within one turn of the event loop leaves in one system call. Clients of
 * databases write each command by itself, and with many tickets under way a turn has several.
 */
export function writeTogether(stream: Writable): void {
  const write = stream.write.bind(stream);
  let isGathering = false;
  const leave = () => {
    isGathering = false;
    stream.uncork();
  };
  const gathering = (...args: Parameters<typeof write>) => {
    if (!isGathering) {
      isGathering = true;
      stream.cork();
      setImmediate(leave);
    }
    return write(...args);
  };
  Object.assign(stream, { write: gathering });
}
