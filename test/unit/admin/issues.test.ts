import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { arrivalWith } from '../../support/arrivals.ts';
import { ADMIN_TOKEN } from '../../support/env.ts';
import { deliveryWith, issueWith } from '../../support/fixtures.ts';
import { brakeWith } from '../../support/outcomes.ts';
import { CLASSIFIER, openAdmin } from './support.ts';

const BurstList = z.object({ bursts: z.array(z.unknown()) });

const GETS = ['/status', '/issues/IT-1', '/bursts', '/brakes', '/audit', '/quality', '/writes/x', '/nothing'];
const POSTS = ['/issues/IT-1/reclassify', '/reclassify', '/undo', '/brakes/x/release'];

describe('the admin routes', () => {
  test.each([
    ['nothing', {}],
    ['a wrong token', { authorization: 'Bearer nope' }],
    ['the token as basic auth', { authorization: `Basic ${ADMIN_TOKEN}` }],
    ['an empty token', { authorization: 'Bearer ' }],
  ])('are shut to who presents %s', async (_what, headers: Record<string, string>) => {
    await using admin = await openAdmin();
    for (const path of GETS) expect((await admin.get(path, { headers })).status).toBe(401);
    for (const path of POSTS) expect((await admin.get(path, { headers, method: 'POST' })).status).toBe(401);
    expect(admin.published).toEqual([]);
    expect(await admin.ledger.audits(10)).toEqual([]);
  });

  test('are shut to everybody when no token is set', async () => {
    await using admin = await openAdmin({ token: null });
    expect(await admin.get('/status')).toEqual({
      status: 401,
      body: { error: 'set ADMIN_TOKEN to use the admin routes' },
    });
  });

  test('tell where everything stands, with the brakes that are on', async () => {
    await using admin = await openAdmin();
    await admin.ledger.receive([deliveryWith()]);
    const brake = brakeWith();
    await admin.ledger.pullBrake(brake);
    expect((await admin.get('/status')).body).toMatchObject({
      revision: 'rev-1',
      classifier: CLASSIFIER,
      deliveries: { accepted: 1 },
      pastTickets: 0,
      models: [{ endpoint: 'main', model: 'mini' }],
      brakes: [brake],
    });
  });

  test('tell the story of one issue with its undos, and that an unknown one is unknown', async () => {
    const issue = issueWith();
    await using admin = await openAdmin({ issues: [issue] });
    await admin.ledger.receive([deliveryWith({ issueId: issue.id, issueKey: issue.key })]);
    const { decisionId } = await admin.write(issue, { category: 'access' });
    expect((await admin.get(`/issues/${issue.key}`)).body).toMatchObject({
      deliveries: [{ state: 'accepted', door: 'webhook' }],
      writes: [{ decisionId, state: 'applied', undoneBy: null }],
    });
    expect((await admin.get('/issues/IT-2')).status).toBe(404);
    expect((await admin.get("/issues/x'--")).status).toBe(400);
  });

  test('list the bursts, the newest first, fifty at most', async () => {
    await using admin = await openAdmin();
    const at = (hour: number) => new Date(Date.parse('2026-05-01T00:00:00.000Z') + hour * 3600_000).toISOString();
    for (let hour = 0; hour < 60; hour += 1) {
      const arrival = arrivalWith({ at: at(hour), issueId: `${hour}`, issueKey: `IT-${hour}` });
      await admin.ledger.recordArrival(arrival);
      await admin.ledger.joinBurst({ project: 'IT', issueIds: [arrival.issueId] });
    }
    const { bursts } = BurstList.parse((await admin.get('/bursts')).body);
    expect(bursts).toHaveLength(50);
    expect(bursts[0]).toEqual({
      id: expect.any(String),
      project: 'IT',
      openedAt: at(59),
      lastAt: at(59),
      members: ['IT-59'],
    });
    expect(bursts.at(-1)).toMatchObject({ members: ['IT-10'] });
  });
});
