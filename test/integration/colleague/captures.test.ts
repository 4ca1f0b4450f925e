import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { sign } from '../../fakes/jira/webhooks/delivery.ts';
import { type Colleague, openColleague, REPORTER } from '../../support/colleague.ts';
import { WEBHOOK_SECRET } from '../../support/env.ts';
import { sharedFile } from '../../support/shared.ts';

const SIZE = 'customfield_10072';
/** Behind the targets of our playbook. */
const OURS = new Set(['labels', 'assignee', SIZE]);

const Capture = z.looseObject({
  webhookEvent: z.string(),
  issue: z.looseObject({ id: z.string(), key: z.string() }),
  changelog: z.looseObject({ items: z.array(z.looseObject({ fieldId: z.string().optional() })) }).optional(),
});

/** Captured bodies of `jira:issue_updated`, byte for byte, by file name. */
function captures() {
  const folder = sharedFile('data/webhooks');
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  return names.flatMap((name) => {
    const body = readFileSync(`${folder}/${name}`);
    const { webhookEvent, issue, changelog } = Capture.parse(JSON.parse(body.toString('utf8')));
    if (webhookEvent !== 'jira:issue_updated') return [];
    const { id, key } = issue;
    const isOurs = changelog?.items.some(({ fieldId = '' }) => OURS.has(fieldId)) ?? false;
    return [{ name, body, id, key, project: key.slice(0, key.lastIndexOf('-')), isOurs }];
  });
}

const known = captures();
if (known.length === 0)
  process.stdout.write('skipped without the shared captures: updates as Jira really sends them\n');

describe.skipIf(known.length === 0)('an update as Jira really sent it', () => {
  let desk: Colleague;

  beforeAll(async () => {
    const projects = [...new Set(known.map(({ project }) => project))];
    desk = await openColleague({
      words: ['anything'],
      targets: {
        assignee: { kind: 'assignee', mode: 'auto' },
        size: { kind: 'text', field: SIZE, mode: 'auto' },
      },
      alongside: { anything: { size: 'large' } },
      playbook: { projects },
      site: {
        projects: projects.map((key) => ({ key })),
        customFields: [{ id: SIZE, name: 'Size', kind: 'string' }],
      },
    });
    for (const { id, key, project } of known.toSorted((one, other) => Number(one.id) - Number(other.id)))
      place(desk, { id, key, projectKey: project });
  });
  afterAll(() => desk[Symbol.asyncDispose]());

  const post = (body: Buffer, identifier: string) =>
    fetch(`${desk.service.url}/webhooks/jira`, {
      method: 'POST',
      body: new Uint8Array(body),
      headers: {
        'content-type': 'application/json; charset=UTF-8',
        'x-atlassian-webhook-identifier': identifier,
        'x-hub-signature': sign(body, WEBHOOK_SECRET),
      },
    });
  /** How the newest delivery of a ticket ended, and what is known of how people judge it. */
  const endOf = async (key: string) => {
    await desk.settle();
    const { deliveries, outcomes } = await desk.admin.story(key);
    const end = deliveries.findLast(({ event }) => event === 'jira:issue_updated');
    return { state: end?.state, reason: end?.reason ?? '', outcomes: outcomes.map(({ result }) => result) };
  };
  const NOT_OURS = 'updated, not finished, and in no field of ours: nothing to learn yet';

  test.each(known)('ends with a reason where nothing was decided: $name', async ({ name, body, key, isOurs }) => {
    expect((await post(body, `${name}-before`)).status).toBe(202);
    const reason = isOurs ? 'not finished, and nothing of ours to judge' : NOT_OURS;
    expect(await endOf(key)).toEqual({ state: 'ignored', reason, outcomes: [] });
  });

  test.each(known)('is held against what was decided: $name', async ({ name, body, key, isOurs }) => {
    await desk.admin.reclassify(key);
    await desk.settle();
    expect(desk.now(key)).toMatchObject({ labels: ['cat-anything'], custom: { [SIZE]: 'large' } });
    // Other bytes, or it would be the delivery that has ended.
    const later = Buffer.concat([body, Buffer.from('\n')]);
    expect((await post(later, `${name}-after`)).status).toBe(202);
    const { state, reason, outcomes } = await endOf(key);
    expect({ state, reason }).toEqual(
      isOurs ? { state: 'learned', reason: '' } : { state: 'ignored', reason: NOT_OURS },
    );
    if (isOurs) expect([...new Set(outcomes)]).toEqual(['unjudged']);
  });

  test('is answered at once and never fails', async () => {
    expect((await desk.admin.status()).deliveries['failed']).toBeUndefined();
    expect(desk.service.complaints.join('\n')).not.toContain('attempt failed');
  });

  test('by a stranger is refused', async () => {
    const [first] = known;
    const forged = Buffer.concat([first?.body ?? Buffer.from(''), Buffer.from(' ')]);
    const response = await fetch(`${desk.service.url}/webhooks/jira`, {
      method: 'POST',
      body: new Uint8Array(forged),
      headers: { 'x-hub-signature': sign(first?.body ?? '', WEBHOOK_SECRET) },
    });
    expect(response.status).toBe(401);
  });
});

interface Wanted {
  readonly id: string;
  readonly key: string;
  readonly projectKey: string;
}

/** The site numbers its issues one after the other; others come before the one that is wanted. */
function place({ site }: Colleague, { id, key, projectKey }: Wanted): void {
  if (site.issue(id)) return;
  const draft = { projectKey, reporter: REPORTER, summary: 'anything at all' };
  for (let next = site.issues().length + 10_001; next < Number(id); next++)
    site.addIssue({ ...draft, key: `${projectKey}-${next + 100_000}` });
  site.addIssue({ ...draft, key });
  if (site.issue(id)?.key !== key) throw new Error(`${key} did not become issue ${id}`);
}
