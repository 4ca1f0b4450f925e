import type { JiraSite } from '../../fakes/jira/door.ts';
import type { Admin } from '../../support/admin.ts';
import type { Service } from '../../support/service.ts';

interface Scene {
  readonly site: JiraSite;
  readonly sent: readonly { readonly born: { readonly key: string } }[];
  readonly running: readonly (Service & { readonly entry: string })[];
  readonly admin: Admin;
  /** What was heard last of the deliveries as a whole. */
  readonly last: string;
}

const SHOWN = 8;
const FINAL = new Set(['triaged', 'learned', 'ignored', 'forgotten', 'failed']);

/** What a person needs to find out why tickets did not come to their end. */
export async function diagnosis({ site, sent, running, admin, last }: Scene): Promise<string> {
  const webhooks = site.webhooks.deliveries();
  const undelivered = webhooks.filter(({ state }) => state !== 'delivered');
  const lines = [
    `not settled: ${last}`,
    `${undelivered.length} of ${webhooks.length} webhooks not delivered; ${JSON.stringify(undelivered.slice(0, 3))}`,
    `Jira answered ${JSON.stringify(site.requests.statuses())} to ${JSON.stringify(site.requests.totals())}`,
    ...(await openTickets(sent, admin)),
    ...(await queuesOf(running)),
  ];
  for (const { entry, pid, complaints } of running) lines.push(`${entry} ${pid}:`, ...complaints.slice(-SHOWN));
  return lines.map((line) => line.trimEnd().slice(0, 600)).join('\n');
}

async function openTickets(sent: Scene['sent'], admin: Admin): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const { born } of sent) {
    if (lines.length >= SHOWN) break;
    try {
      const { deliveries, decisions, writes } = await admin.story(born.key);
      if (deliveries.length > 0 && deliveries.every(({ state }) => FINAL.has(state))) continue;
      const states = writes.map(({ state, reason }) => ({ state, reason }));
      lines.push(`${born.key} ${JSON.stringify({ deliveries, decisions: decisions.length, writes: states })}`);
    } catch (error) {
      return [...lines, `stories cannot be read: ${String(error)}`];
    }
  }
  return lines;
}

/** Depths as Prometheus would see them. */
async function queuesOf(running: Scene['running']): Promise<readonly string[]> {
  const front = running.find(({ entry }) => entry !== 'workers');
  if (!front) return ['no process takes webhooks'];
  try {
    const text = await (await fetch(`${front.opsUrl}/metrics`, { signal: AbortSignal.timeout(5_000) })).text();
    return text.split('\n').filter((line) => /^triage_queue/.test(line) && !line.endsWith(' 0'));
  } catch (error) {
    return [`metrics cannot be read: ${String(error)}`];
  }
}
