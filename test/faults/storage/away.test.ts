import { expect, it, vi } from 'vitest';
import type { TcpProxy } from '../../support/proxy.ts';
import { postUnderNewName } from '../deliveries/again.ts';
import { letPeopleEdit } from '../desk/people.ts';
import { type FaultDesk, openDesk } from '../desk.ts';
import { scaled } from '../seed.ts';

const TICKETS = scaled(500);
/** Two seconds are promised; the rest is for a busy machine. */
const PROMPT_MS = 3_000;
const CONSUMING_MS = 30_000;
/** Later than the shorter outage; the longer one takes three tries. */
const BACKOFF_MS = [5_000, 7_000, 9_000, 9_000, 9_000];

/** `refuses`: whether what cannot be reached is what an acknowledged webhook has to be in. */
const CASES = [
  { away: 'redis', stack: 'redis', mode: 'cut', refuses: true },
  { away: 'redis', stack: 'redis', mode: 'held', refuses: true },
  { away: 'postgres', stack: 'postgres', mode: 'cut', refuses: true },
  { away: 'postgres', stack: 'postgres', mode: 'held', refuses: true },
  { away: 'postgres', stack: 'redis', mode: 'cut', refuses: false },
] as const;

it.concurrent.each(CASES)(
  '$away is away ($mode) under $stack: 503 at once where it must be, and nothing is lost',
  async ({ away, stack, mode, refuses }) => {
    const scenario = `03c ${away} ${mode} for 5 s and 20 s`;
    await using desk = await openDesk({ scenario, stack, hasProxies: true, backoffMs: BACKOFF_MS });
    const line = desk.stack.lines[away];
    if (!line) throw new Error(`no line to ${away}`);
    letPeopleEdit(desk, desk.dice);
    await desk.startAll();
    await desk.flow(scaled(50));
    await desk.settle(60_000);
    const idle = await outage(desk, { line, mode, refuses, ms: 5_000 });
    await desk.send(TICKETS / 2);
    const busy = await outage(desk, { line, mode, refuses, ms: 20_000 });
    await desk.send(TICKETS / 2);
    await desk.settle(120_000);
    expect(Math.max(idle, busy)).toBeLessThan(CONSUMING_MS);
    await desk.pronounce(2, `consuming ${idle} and ${busy} ms after`);
  },
);

interface Outage {
  readonly line: TcpProxy;
  readonly mode: 'cut' | 'held';
  readonly refuses: boolean;
  readonly ms: number;
}

/** Nothing gets through for so long; returns after how many milliseconds a ticket was edited again. */
async function outage(desk: FaultDesk, { line, mode, refuses, ms }: Outage): Promise<number> {
  const { site } = desk;
  if (mode === 'cut') line.cut();
  else line.hold();
  const backAt = Date.now() + ms;
  const [known] = site.webhooks.deliveries();
  while (known && Date.now() < backAt - PROMPT_MS) {
    const { status, retryAfter, tookMs } = await postUnderNewName(desk, known.id);
    expect({ status, hasRetryAfter: retryAfter !== null }).toEqual(
      refuses ? { status: 503, hasRetryAfter: true } : { status: 202, hasRetryAfter: false },
    );
    expect(tookMs).toBeLessThan(PROMPT_MS);
    await new Promise((resume) => setTimeout(resume, 500));
  }
  await new Promise((resume) => setTimeout(resume, Math.max(0, backAt - Date.now())));
  line.resume();
  const resumedAt = Date.now();
  await desk.send(1);
  const edits = () =>
    site
      .issues()
      .flatMap(({ key }) => site.edits(key))
      .filter(({ at }) => at >= resumedAt);
  await vi.waitUntil(() => edits().length > 0, { timeout: CONSUMING_MS + 10_000, interval: 50 });
  return Math.max(0, Math.min(...edits().map(({ at }) => at)) - resumedAt);
}
