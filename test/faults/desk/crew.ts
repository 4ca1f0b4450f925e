import { type Admin, adminOf } from '../../support/admin.ts';
import { ADMIN_TOKEN } from '../../support/env.ts';
import { type Entry, type Service, startService } from '../../support/service.ts';

/** A process of the service under test. */
export interface Running extends Service {
  readonly entry: Entry;
}

/** The processes of the service under test; all are ended by their own ids. */
export interface Crew {
  readonly running: readonly Running[];
  start(entry: Entry, env: Readonly<Record<string, string>>): Promise<Running>;
  kill(process: Running): Promise<void>;
  replace(process: Running): Promise<Running>;
  restart(process: Running): Promise<number>;
  doorPort(): number;
  admin(): Admin;
  stop(): Promise<void>;
}

export function openCrew(): Crew {
  const running: Running[] = [];
  const envs = new Map<Running, Readonly<Record<string, string>>>();
  const front = () => running.findLast(({ entry }) => entry !== 'workers');
  let isStopped = false;
  const start: Crew['start'] = async (entry, env) => {
    const member = { ...(await startService(env, entry)), entry };
    // A scenario out of time may end while somebody is being replaced.
    if (isStopped) {
      await member.kill();
      throw new Error('the scenario is over');
    }
    running.push(member);
    envs.set(member, env);
    return member;
  };
  const leave = (member: Running) => {
    if (running.includes(member)) running.splice(running.indexOf(member), 1);
  };
  const kill = async (member: Running) => {
    leave(member);
    await member.kill();
  };
  return {
    running,
    start,
    kill,
    replace: async (member) => {
      await kill(member);
      return start(member.entry, envs.get(member) ?? {});
    },
    restart: async (member) => {
      const startedAt = performance.now();
      leave(member);
      await member.stop();
      const stoppedMs = performance.now() - startedAt;
      await start(member.entry, envs.get(member) ?? {});
      return stoppedMs;
    },
    // Nobody listens on port 1: while no process takes webhooks, connections are refused.
    doorPort: () => Number(new URL(front()?.url ?? 'http://127.0.0.1:1').port),
    admin: () => adminOf(front()?.opsUrl ?? 'http://127.0.0.1:1', ADMIN_TOKEN),
    stop: async () => {
      isStopped = true;
      await Promise.all(running.splice(0).map((member) => member.stop()));
    },
  };
}
