import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { connectModelServer, type RemoteModelServer } from '../../fakes/model/remote.ts';

const MAIN = fileURLToPath(new URL('../../fakes/model/main.ts', import.meta.url));
const Line = z.object({ url: z.string() });

/** A simulated model server in a process of its own, as far from the service as a real one. */
export interface ModelProcess extends RemoteModelServer, AsyncDisposable {
  readonly pid: number;
}

export async function startModelProcess(options: Readonly<Record<string, unknown>>): Promise<ModelProcess> {
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env['PATH'] ?? '', MODEL_SERVER_OPTIONS: JSON.stringify(options) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const { url } = Line.parse(JSON.parse(String(line)));
  return {
    ...connectModelServer(url),
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}
