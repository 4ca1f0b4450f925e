import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isInControlGroup } from '../../../src/triage/control-group.ts';
import { ADA, type Colleague, openColleague, REPORTER } from '../../support/colleague.ts';
import { triageCommand } from '../../support/command.ts';
import { ADMIN_TOKEN } from '../../support/env.ts';

const GROUP = { share: 0.5, salt: 'colleague' };
const BEN = 'agent-ben';

describe('what people make of it', () => {
  let desk: Colleague;

  beforeAll(async () => {
    desk = await openColleague({
      words: ['mail', 'print', 'phone', 'wifi', 'badge'],
      playbook: { controlGroup: GROUP, guardRails: { minOutcomes: 3, maxOverrideRate: 0.25 } },
    });
    desk.site.addUser({ accountId: BEN });
  });
  afterAll(() => desk[Symbol.asyncDispose]());

  /** The site numbers its issues one after the other, so the next one's group is known. */
  const report = (summary: string, isControl = false) => {
    const filler = () => Number(desk.site.addIssue({ projectKey: 'IT', summary: 'Of another desk' }).id);
    while (isInControlGroup(String(filler() + 1), GROUP) !== isControl);
    return desk.report(summary);
  };
  const edit = async (who: string, key: string, change: Parameters<typeof desk.site.editAs>[2]) => {
    desk.site.editAs(who, key, change);
    await desk.settle();
    return (await desk.admin.story(key)).outcomes;
  };
  const done = { status: 'Done', resolution: 'Done' };

  test('a correction is an override: to what, by whom, how long after', async () => {
    const key = await report('mail is down');
    const writtenAt = desk.now(key).histories[0]?.at ?? Number.NaN;
    const outcomes = await edit(BEN, key, { labels: ['cat-phone'], at: writtenAt + 90_000 });
    expect(outcomes).toMatchObject([
      {
        target: 'category',
        value: 'mail',
        how: 'written',
        result: 'overridden',
        isExplicit: true,
        to: 'phone',
        by: BEN,
      },
    ]);
    expect(outcomes[0]?.afterMs).toBe(90_000);
  });

  test('finishing a ticket around a value confirms it, and teaches it as weak; a correction teaches people’s', async () => {
    const summary = 'print queue of the third floor stops';
    const [kept, corrected] = [await report(summary), await report(summary)];
    expect(await edit(BEN, kept, done)).toMatchObject([
      { target: 'category', value: 'print', result: 'confirmed', isExplicit: false, to: null, by: BEN },
    ]);
    expect(await edit(BEN, corrected, { labels: ['cat-phone'], ...done })).toMatchObject([
      { result: 'overridden', to: 'phone' },
    ]);
    const { decisions } = await desk.admin.story(await report(summary));
    const known = new Map((decisions[0]?.evidence ?? []).map((one) => [one.key, one]));
    expect(known.get(kept)).toMatchObject({ values: {}, weakValues: { category: 'print' } });
    expect(known.get(corrected)).toMatchObject({ values: { category: 'phone' } });
    expect(known.get(corrected)).not.toHaveProperty('weakValues');
  });

  test('a class that people keep correcting is only suggested, until a person releases its brake', async () => {
    for (const _ of ['once', 'twice', 'three times']) {
      const key = await report('wifi drops');
      expect(desk.now(key).labels).toEqual(['cat-wifi']);
      await edit(BEN, key, { labels: ['cat-phone'] });
    }
    const brakes = async () => (await desk.admin.status()).brakes.filter(({ value }) => value === 'wifi');
    await expect.poll(brakes, { timeout: 20_000 }).toMatchObject([{ target: 'category', kind: 'override-rate' }]);
    const braked = await report('wifi drops');
    expect(desk.now(braked)).toMatchObject({ labels: [], comments: [] });
    expect(desk.now(braked).properties['jira-triage']).toMatchObject({ suggested: { category: 'wifi' } });
    const other = await report('badge is lost');
    expect(desk.now(other).labels).toEqual(['cat-badge']);

    const [brake] = await brakes();
    const far = ['--service', desk.service.opsUrl, '--actor', 'ada'];
    await triageCommand(['brakes', 'release', brake?.id ?? '', ...far], { ADMIN_TOKEN });
    expect(desk.now(await report('wifi drops')).labels).toEqual(['cat-wifi']);
    expect(await brakes()).toEqual([]);
  });

  test('tickets of the control group are decided and left alone, and judged by what people set', async () => {
    const key = await report('badge is lost', true);
    expect(desk.site.edits(key)).toEqual([]);
    const { decisions, writes } = await desk.admin.story(key);
    expect(decisions).toMatchObject([{ isControl: true, verdicts: { category: { kind: 'value', value: 'badge' } } }]);
    expect(writes).toMatchObject([{ state: 'unchanged', changes: {}, heldBack: { category: 'control-group' } }]);
    const outcomes = await edit(ADA, key, { labels: ['cat-badge'], ...done });
    expect(outcomes).toMatchObject([{ how: 'control', result: 'confirmed', isExplicit: true, by: ADA }]);
    const { groups } = await desk.admin.quality();
    expect(groups).toContainEqual(expect.objectContaining({ group: 'control', tickets: 1, judged: 1, right: 1 }));
    expect(desk.site.edits(key)).toEqual([]);
    expect(desk.now(key).reporter).toBe(REPORTER);
    expect(desk.site.violations).toEqual([]);
  });
});
