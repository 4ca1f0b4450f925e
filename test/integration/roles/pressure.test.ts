import { describe, expect, it } from 'vitest';
import { load } from '../../bench/load.ts';
import { manyTickets } from '../../bench/many-tickets.ts';
import { newDraft } from '../../support/desk.ts';
import type { Service } from '../../support/service.ts';
import { servedStage, serverUrl, until } from './servers.ts';

if (!serverUrl) process.stdout.write('skipped without TEST_DATABASE_URL: back-pressure, and PostgreSQL away\n');
const CREATED = { events: ['jira:issue_created'] };

describe.runIf(serverUrl).each(['PostgreSQL', 'Redis'] as const)('intake with queues on %s', (queue) => {
  it('says "later" beyond the limit, lets people through, and Jira brings everything in the end', async () => {
    await using served = await servedStage(queue, { ...CREATED, env: { QUEUE_LIMIT: '100' } });
    const { site, start } = served.stage;
    await using intake = await start({}, 'intake');
    // One after the other, so that each is a job; of tickets that do not exist, so that they are soon done with.
    await load(intake.service.url, { connections: 1, count: 130 });
    const knock = async () => ((await load(intake.service.url, { connections: 1, count: 1 })).statuses['503'] ?? 0) > 0;
    await until(knock, 'it says "later"');
    const keys: string[] = [];
    for (const ticket of manyTickets(40, 3)) keys.push((await site.createIssue(newDraft(ticket))).key);
    await intake.admin.reclassify(keys[0] ?? '');
    expect(await rejected(intake.service)).toBeGreaterThan(0);

    await using _workers = await start({}, 'workers');
    await site.webhooks.flush();
    await intake.admin.idle({ timeoutMs: 100_000 });
    expect(keys.map((key) => site.edits(key).filter(({ kind }) => kind === 'edit').length)).toEqual(keys.map(() => 1));
  }, 150_000);
});

describe.runIf(serverUrl)('intake on Redis while PostgreSQL is away', () => {
  it('goes on acknowledging, is ready, and everything is done once it is back', async () => {
    await using served = await servedStage('Redis', CREATED);
    const { site, start } = served.stage;
    await using intake = await start({}, 'intake');
    await using workers = await start({}, 'workers');
    served.database.cut();
    const keys: string[] = [];
    for (const ticket of manyTickets(60, 5)) keys.push((await site.createIssue(newDraft(ticket))).key);
    await site.webhooks.flush();
    expect((await fetch(`${intake.service.opsUrl}/readyz`)).status).toBe(200);
    expect((await fetch(`${intake.service.url}/readyz`)).status).toBe(200);
    expect(await (await fetch(`${workers.service.opsUrl}/readyz`)).json()).toMatchObject({ failing: ['ledger'] });
    expect(keys.flatMap((key) => site.edits(key))).toEqual([]);

    served.database.resume();
    await until(() => keys.every((key) => site.edits(key).length > 0), 'every ticket is written');
    await intake.admin.idle({ timeoutMs: 60_000 });
    expect(keys.map((key) => site.edits(key).filter(({ kind }) => kind === 'edit').length)).toEqual(keys.map(() => 1));
  }, 150_000);
});

async function rejected({ opsUrl }: Service): Promise<number> {
  const text = await (await fetch(`${opsUrl}/metrics`)).text();
  return Number(/^triage_rejected_total\{door="webhook",why="busy"\} (\d+)$/m.exec(text)?.[1] ?? 0);
}
