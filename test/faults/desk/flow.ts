import { inject } from 'vitest';
import type { JiraSite } from '../../fakes/jira/door.ts';
import type { Sent } from '../judge.ts';
import type { Crew } from './crew.ts';
import { diagnosis } from './diagnosis.ts';
import { MATTER_NAMES, ticketAbout } from './playbook.ts';

export interface Place {
  readonly site: JiraSite;
  readonly crew: Crew;
  readonly sent: Sent[];
  /** What may stay open. */
  readonly leftOut: readonly Sent[];
}

/** People report so many tickets at once. */
export async function send(count: number, { site, sent }: Place): Promise<readonly Sent[]> {
  const fresh: Sent[] = [];
  for (let index = 0; index < count; index++) {
    const matter = MATTER_NAMES[(sent.length + index) % MATTER_NAMES.length] ?? 'vpn';
    fresh.push({ born: await site.createIssue(ticketAbout(matter, sent.length + index)), matter });
  }
  sent.push(...fresh);
  return fresh;
}

const BATCH = 25;
const OPEN = 100;
const STUCK_MS = 120_000;

/** The same a few at a time, as the service gets on with them; throws when it does not. */
export async function flow(count: number, place: Place): Promise<number> {
  const { site, sent } = place;
  const open = () => sent.filter(({ born }) => site.edits(born.key).length === 0).length;
  for (let left = count; left > 0; left -= BATCH) {
    const deadline = Date.now() + STUCK_MS * inject('faultPatience');
    while (open() > OPEN) {
      if (Date.now() > deadline) throw new Error(await diagnosis({ ...sceneOf(place), last: `${open()} are open` }));
      await new Promise((resume) => setTimeout(resume, 50));
    }
    await send(Math.min(BATCH, left), place);
  }
  return count;
}

function sceneOf({ site, crew, sent }: Place) {
  return { site, sent, running: crew.running, admin: crew.admin() };
}

/** Waits until Jira is done sending and every accepted delivery has ended; throws with a diagnosis. */
export async function settle(place: Place, patienceMs: number): Promise<void> {
  const timeoutMs = patienceMs * inject('faultPatience');
  const { site, crew } = place;
  const deadline = Date.now() + timeoutMs;
  let last = 'nobody answered';
  const flushed = site.webhooks.flush().then(() => 'flushed' as const);
  const timer = new Promise<'late'>((resolve) => {
    setTimeout(() => resolve('late'), timeoutMs).unref();
  });
  if ((await Promise.race([flushed, timer])) === 'flushed')
    while (Date.now() < deadline) {
      try {
        const { deliveries } = await crew.admin().status();
        const known = Object.values(deliveries).reduce((sum, count) => sum + count, 0);
        // What was acknowledged may still be on its way into the ledger.
        const taken = site.webhooks.deliveries().filter(({ state }) => state === 'delivered').length;
        if (known >= taken && (deliveries['accepted'] ?? 0) === (await openAmong(place))) return;
        last = JSON.stringify(deliveries);
      } catch (error) {
        // Killed or away at this moment; the deadline tells when that lasts.
        last = String(error);
      }
      await new Promise((resume) => setTimeout(resume, 100));
    }
  throw new Error(await diagnosis({ ...sceneOf(place), last }));
}

async function openAmong({ leftOut, crew }: Place): Promise<number> {
  const stories = await Promise.all(leftOut.map(({ born }) => crew.admin().story(born.key)));
  return stories.flatMap(({ deliveries }) => deliveries.filter(({ state }) => state === 'accepted')).length;
}
