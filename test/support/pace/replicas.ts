import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { botCredentials } from '../../fakes/jira/options.ts';

const Done = z.object({ PUT: z.number(), GET: z.number() });

export interface Order {
  readonly forMs: number;
  /** So many at once, each as soon as the one before has ended. */
  readonly puts: number;
  readonly gets: number;
  readonly issues: readonly string[];
}

/** Processes that share one limiter, and what each of them got done of an order. */
export interface Replicas extends AsyncDisposable {
  work(order: Order): Promise<readonly z.infer<typeof Done>[]>;
}

/** `books`: address of the Redis or the migrated database that they share; `share`: of Jira's limits. */
export async function startReplicas(
  count: number,
  options: { readonly url: string; readonly books: string; readonly prefix: string; readonly share: number },
): Promise<Replicas> {
  const script = fileURLToPath(new URL('./replica.ts', import.meta.url));
  const args = [JSON.stringify({ ...options, ...botCredentials })];
  const children = Array.from({ length: count }, () =>
    fork(script, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
  );
  await Promise.all(children.map((child) => heardFrom(child)));
  return {
    work: async (order) => {
      const answers = children.map((child) => heardFrom(child));
      for (const child of children) child.send(order);
      return z.array(Done).parse(await Promise.all(answers));
    },
    [Symbol.asyncDispose]: async () => {
      for (const child of children) {
        const ended = once(child, 'exit');
        if (child.exitCode === null && child.kill()) await ended;
      }
    },
  };
}

async function heardFrom(child: ChildProcess): Promise<unknown> {
  const [message] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`a replica ended with ${code}`);
    }),
  ]);
  return message;
}
