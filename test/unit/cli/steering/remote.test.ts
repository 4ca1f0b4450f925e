import express from 'express';
import { describe, expect, test } from 'vitest';
import { remoteSteering } from '../../../../src/cli/steering/remote/service.ts';
import { PermanentError, RejectedError, TransientError } from '../../../../src/domain/errors.ts';
import { ADMIN_TOKEN } from '../../../support/env.ts';
import { issueWith } from '../../../support/fixtures.ts';
import { brakeWith } from '../../../support/outcomes.ts';
import { freePort } from '../../../support/port.ts';
import { openAdmin } from '../../admin/support.ts';
import { listen } from '../../support/server.ts';

const UNDO = { issue: 'IT-1', dryRun: false };

describe('steering a running service', () => {
  test('does over HTTP what it would do here', async () => {
    const issue = issueWith();
    await using admin = await openAdmin({ issues: [issue] });
    const far = remoteSteering({ url: `${admin.url}/`, adminToken: ADMIN_TOKEN });
    const { decisionId } = await admin.write(issue, { category: 'access' });
    const brake = brakeWith({ id: 'Zugänge/1?', value: null });
    await admin.ledger.pullBrake(brake);
    const asked = { issue: issue.key, dryRun: false, actor: 'Lena' };
    expect(await far.rehearseUndo(asked)).toMatchObject({ undos: [{ writeId: decisionId }], more: 0, why: null });
    expect(await far.undo(asked)).toMatchObject({ undos: [{ id: `undo-${decisionId}` }] });
    expect(await far.write(decisionId)).toMatchObject({ state: 'applied', undoneBy: null });
    expect(await far.write(`undo-${decisionId}`)).toBeNull();
    const again = { issues: [issue.key], onlyChanged: false, overrideHumans: false, dryRun: false };
    expect(await far.reclassify(again)).toEqual({ queued: 1, foreign: 0, next: null, retryAfterMs: 0 });
    expect(await far.sweep({ since: '1h', dryRun: true })).toMatchObject({ triage: 0, isComplete: true, hidden: {} });
    expect(await far.brakes()).toEqual([brake]);
    expect(await far.quality(7)).toMatchObject({ rates: [], groups: [], brakes: [brake] });
    expect(await far.releaseBrake(brake.id, 'Lena')).toEqual(brake);
    expect((await far.audits()).map(({ action }) => action).toSorted()).toEqual(['release-brake', 'undo']);
  });

  test('hands on the service’s own words when it refuses', async () => {
    await using admin = await openAdmin();
    const far = remoteSteering({ url: admin.url, adminToken: ADMIN_TOKEN });
    await expect(far.releaseBrake('no', 'Lena')).rejects.toThrow(RejectedError);
    await expect(far.undo({ ...UNDO, since: 'x' })).rejects.toThrow('since: must be like 90m');
  });

  test('says that the token is wrong', async () => {
    await using admin = await openAdmin();
    const far = remoteSteering({ url: admin.url, adminToken: 'another' });
    await expect(far.brakes()).rejects.toThrow(PermanentError);
    await expect(far.brakes()).rejects.toThrow('missing or wrong bearer token');
  });

  test('says that nobody is there, that it is busy, or that it is something else', async () => {
    const far = (url: string) => remoteSteering({ url, adminToken: ADMIN_TOKEN }).brakes();
    await expect(far(`http://127.0.0.1:${await freePort()}`)).rejects.toThrow(TransientError);
    const answering = async (answer: express.RequestHandler) => listen(express().use(answer));
    await using busy = await answering((_request, response) => void response.status(503).json({ error: 'later' }));
    await expect(far(busy.url)).rejects.toThrow(TransientError);
    await using page = await answering((_request, response) => void response.send('<html>welcome</html>'));
    await expect(far(page.url)).rejects.toThrow('does not answer as this version does');
    await using old = await answering((_request, response) => void response.json({ brakes: [{ id: 1 }] }));
    await expect(far(old.url)).rejects.toThrow('does not answer as this version does');
  });

  test('takes its token nowhere else', async () => {
    const seen: string[] = [];
    await using thief = await listen(
      express().use((request, response) => {
        seen.push(String(request.headers.authorization));
        response.json({ brakes: [] });
      }),
    );
    await using detour = await listen(express().use((_request, response) => response.redirect(thief.url)));
    await expect(remoteSteering({ url: detour.url, adminToken: ADMIN_TOKEN }).brakes()).rejects.toThrow(TransientError);
    expect(seen).toEqual([]);
  });
});
