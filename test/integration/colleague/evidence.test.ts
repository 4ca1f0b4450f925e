import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scoringKey } from '../../../src/learning/lesson.ts';
import { loadPlaybook } from '../../../src/settings/playbook-store.ts';
import { richTextToWiki } from '../../fakes/jira/render/adf.ts';
import { ADA, type Colleague, openColleague } from '../../support/colleague.ts';
import { calibrationWith } from '../../support/fixtures.ts';

const DAY_MS = 24 * 3_600_000;
/** In memory before the service starts. */
const EARLIER = ['was deleted', 'was restricted', 'is as it was'].map((fate) => ({
  projectKey: 'IT',
  summary: `ledger export ${fate}`,
  labels: ['cat-ledger'],
  status: 'Done',
  created: Date.now() - DAY_MS,
}));

describe('past tickets', () => {
  let desk: Colleague;

  beforeAll(async () => {
    desk = await openColleague(
      {
        words: ['payroll', 'badge', 'garage', 'ledger'],
        playbook: { projects: ['IT', 'HR'], restrictedProjects: ['HR'], writeBack: { note: 'decisions' } },
        history: EARLIER,
      },
      { isRunning: false },
    );
    // As if it had been measured that tickets are about the same thing as soon as they have a few words in common.
    const recipe = scoringKey(loadPlaybook(desk.configFolder, null));
    const measured = calibrationWith({ recipe, similarFrom: 0.01 });
    await writeFile(join(desk.configFolder, 'calibration/category.json'), JSON.stringify(measured));
    const [deleted, restricted] = desk.site.issues().map(({ key }) => key);
    desk.site.deleteIssue(deleted ?? '', { silent: true });
    desk.site.editAs(ADA, restricted ?? '', { securityLevel: 'Staff', silent: true });
    await desk.start();
  });
  afterAll(() => desk[Symbol.asyncDispose]());

  /** Keys of the past tickets that a new one is decided by, and which of them its note names. */
  const lookedAt = async (summary: string, parts = {}) => {
    const key = await desk.report(summary, parts);
    const { decisions } = await desk.admin.story(key);
    const notes = desk.now(key).comments;
    expect(notes.map(({ internal }) => internal)).toEqual([true]);
    const note = richTextToWiki(notes[0]?.body ?? null) ?? '';
    return {
      evidence: (decisions[0]?.evidence ?? []).map((one) => one.key).toSorted(),
      named: (note.match(/[A-Z]+-\d+/g) ?? []).toSorted(),
    };
  };
  const known = async () => (await desk.admin.status()).pastTickets ?? 0;

  test('that went away while nobody listened are swept out of memory', async () => {
    await expect.poll(known, { timeout: 20_000 }).toBe(1);
    const left = desk.site.issues().flatMap(({ key, securityLevel }) => (securityLevel === null ? [key] : []));
    expect(await lookedAt('ledger export')).toEqual({ evidence: left, named: left });
  });

  test('of a restricted project or with a security level are evidence at home alone, and never in a note', async () => {
    const summary = 'payroll run stops with code 17';
    const before = await known();
    const plain = await desk.finish({ summary, labels: ['cat-payroll'] });
    const levelled = await desk.finish({ summary, labels: ['cat-payroll'], securityLevel: 'Staff' });
    const restricted = await desk.finish({ summary, labels: ['cat-payroll'], projectKey: 'HR' });
    expect(await known()).toBe(before + 3);
    expect(await lookedAt(summary)).toEqual({ evidence: [plain], named: [plain] });
    expect(await lookedAt(summary, { securityLevel: 'Staff' })).toEqual({
      evidence: [plain, levelled].toSorted(),
      named: [plain],
    });
    expect(await lookedAt(summary, { securityLevel: 'Board' })).toEqual({ evidence: [plain], named: [plain] });
    expect(await lookedAt(summary, { projectKey: 'HR' })).toEqual({
      evidence: [plain, restricted].toSorted(),
      named: [],
    });
  });

  test('leave memory when they are deleted', async () => {
    const [gone, left] = [
      await desk.finish({ summary: 'badge reader is dead', labels: ['cat-badge'] }),
      await desk.finish({ summary: 'badge reader is dark', labels: ['cat-badge'] }),
    ];
    const before = await known();
    expect((await lookedAt('badge reader')).evidence).toEqual([gone, left].toSorted());
    desk.site.deleteIssue(gone);
    await desk.settle();
    expect(await known()).toBe(before - 1);
    expect(await lookedAt('badge reader')).toEqual({ evidence: [left], named: [left] });
  });

  test('leave memory when they are given a security level later', async () => {
    const [secret, left] = [
      await desk.finish({ summary: 'garage door is open', labels: ['cat-garage'] }),
      await desk.finish({ summary: 'garage door is shut', labels: ['cat-garage'] }),
    ];
    const before = await known();
    expect((await lookedAt('garage door')).evidence).toEqual([secret, left].toSorted());
    desk.site.editAs(ADA, secret, { securityLevel: 'Staff' });
    await desk.settle();
    expect(await known()).toBe(before - 1);
    expect(await lookedAt('garage door')).toEqual({ evidence: [left], named: [left] });
    expect((await lookedAt('garage door', { securityLevel: 'Staff' })).evidence).toEqual([left]);
    expect(desk.site.violations).toEqual([]);
  });
});
