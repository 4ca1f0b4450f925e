import { describe, expect, test } from 'vitest';
import { TransientError } from '../../../src/domain/errors.ts';
import type { Memory } from '../../../src/domain/ports/memory.ts';
import type { Embedder } from '../../../src/domain/ports/model.ts';
import type { Issue } from '../../../src/domain/ticket/issue.ts';
import { follow, remember } from '../../../src/feedback/learn.ts';
import { ledgerFake } from '../../fakes/ledger.ts';
import { memoryFake } from '../../fakes/memory.ts';
import { BOT, issueWith, playbookWith, TEAM_FIELD } from '../../support/fixtures.ts';
import { deskWith } from '../support/tracker.ts';
import { change } from './support/judged.ts';

const playbook = playbookWith();
const finished = (parts: Partial<Issue> = {}) =>
  issueWith({ isFinished: true, status: 'Done', summary: 'printer jam', text: '', labels: ['cat-printing'], ...parts });

const everything = (memory: Memory) =>
  memory.nearest({
    text: 'printer',
    embedding: null,
    keywordWeight: 1,
    limit: 100,
    projects: ['IT', 'HR'],
    readerProject: 'IT',
    readerLevel: 'Staff',
    excludeId: '',
    before: '2030-01-01T00:00:00.000Z',
  });

const clock = { now: () => new Date('2026-05-03T08:00:00.000Z') };
const portsFor = (...issues: readonly Issue[]) => ({
  tracker: deskWith(...issues),
  ledger: ledgerFake(clock),
  memory: memoryFake(),
  embedder: null,
  clock,
});

async function learnFrom(issue: Issue, ports = portsFor(issue)) {
  const { end } = await follow({ issueId: issue.id, intent: 'learn' }, playbook, ports);
  const learned = (await everything(ports.memory)).map(({ ticket }) => ticket);
  return { end, memory: ports.memory, learned };
}

describe('learning from an issue', () => {
  test('keeps it with the value of every target', async () => {
    const issue = finished({
      priority: 'High',
      components: ['Office', 'Floor 2'],
      assignee: 'ada',
      custom: { [TEAM_FIELD]: { value: 'Workplace' } },
      securityLevel: 'Staff',
      resolution: 'Duplicate',
    });
    const { end, learned } = await learnFrom(issue);
    expect(end).toEqual({ state: 'learned' });
    expect(learned).toEqual([
      {
        id: issue.id,
        key: issue.key,
        project: 'IT',
        summary: 'printer jam',
        created: issue.created,
        securityLevel: 'Staff',
        resolution: 'Duplicate',
        context: {
          reporter: 'customer-cy',
          issueType: 'Incident',
          project: 'IT',
          component: 'Floor 2|Office',
          hour: '8',
          weekday: '5',
        },
        values: {
          category: { value: 'printing', by: 'human' },
          priority: { value: 'High', by: 'human' },
          component: { value: 'Office', by: 'human' },
          team: { value: 'Workplace', by: 'human' },
          assignee: { value: 'ada', by: 'human' },
        },
      },
    ]);
  });

  test('leaves out of the context what somebody changed later', async () => {
    const changes = [{ fieldId: 'components', from: null, to: 'Office', by: 'ada', at: '2026-05-02T08:00:00.000Z' }];
    const { learned } = await learnFrom(finished({ components: ['Office'], changes }));
    expect(learned[0]?.context).not.toHaveProperty('component');
    expect(learned[0]?.context).toHaveProperty('issueType', 'Incident');
  });

  test('keeps of the custom fields only those that the playbook calls features', async () => {
    const memory = memoryFake();
    const issue = finished({ custom: { customfield_10002: [{ name: 'ACME' }], customfield_10003: 'secret' } });
    const curious = playbookWith({ classify: { features: ['reporter', 'customfield_10002'] } });
    await remember([issue], curious, { memory, embedder: null });
    const context = (await everything(memory))[0]?.ticket.context;
    expect(context).toMatchObject({ customfield_10002: 'ACME', reporter: 'customer-cy' });
    expect(context).not.toHaveProperty('customfield_10003');
  });

  test('keeps every label of a family with several', async () => {
    const memory = memoryFake();
    const targets = { topics: { kind: 'label', prefix: 'cat-', multiple: true } } as const;
    const issue = finished({ labels: ['cat-vpn', 'urgent', 'cat-access'] });
    await remember([issue], playbookWith({ targets }), { memory, embedder: null });
    expect((await everything(memory))[0]?.ticket.values).toEqual({ topics: { value: 'access vpn', by: 'human' } });
  });

  test('marks what we wrote and nobody changed as the machine’s', async () => {
    const mark = { decisionId: 'd', revision: 'r', at: 't', values: { category: 'printing', component: 'Mail' } };
    const { learned } = await learnFrom(finished({ components: ['Office'], mark }));
    expect(learned[0]?.values).toEqual({
      category: { value: 'printing', by: 'machine' },
      component: { value: 'Office', by: 'human', insteadOf: 'Mail' },
    });
  });

  test('tells what a person put in the place of ours', async () => {
    const mark = { decisionId: 'd', revision: 'r', at: 't', values: { category: 'network', priority: 'High' } };
    const { learned, memory } = await learnFrom(finished({ priority: 'High', mark }));
    expect(learned[0]?.values).toEqual({
      category: { value: 'printing', by: 'human', insteadOf: 'network' },
      priority: { value: 'High', by: 'machine' },
    });
    const corrections = await memory.corrections({
      targets: ['category'],
      projects: ['IT'],
      before: '2030-01-01T00:00:00.000Z',
      limit: 9,
    });
    expect(corrections.map(({ id }) => id)).toEqual([learned[0]?.id]);
  });

  test('has no correction where we wrote nothing, or where a value was only cleared', async () => {
    const mark = { decisionId: 'd', revision: 'r', at: 't', values: { priority: 'High' } };
    const { learned } = await learnFrom(finished({ priority: null, mark }));
    expect(learned[0]?.values).toEqual({ category: { value: 'printing', by: 'human' } });
  });

  test('keeps who is in it', async () => {
    const issue = finished({ people: ['Kim Ødegård', '王小明'] });
    const { memory } = await learnFrom(issue);
    expect(await memory.excerpts([issue.id])).toEqual([{ id: issue.id, text: '', people: ['Kim Ødegård', '王小明'] }]);
  });

  test('tells a value of ours that a person came back to from one that nobody touched', async () => {
    const mark = { decisionId: 'd', revision: 'r', at: 't', values: { category: 'printing', priority: 'High' } };
    const changes = [
      change(['labels', 'cat-network', 'cat-printing'], 300, 'ada'),
      change(['labels', 'cat-printing', 'cat-network'], 200, 'ada'),
      change(['status', 'To Do', 'Done'], 100, 'ada'),
      change(['labels', null, 'cat-printing'], 60, BOT),
      change(['priority', null, 'High'], 60, BOT),
    ];
    const { learned } = await learnFrom(finished({ priority: 'High', mark, changes }));
    expect(learned[0]?.values).toEqual({
      category: { value: 'printing', by: 'human' },
      priority: { value: 'High', by: 'machine' },
    });
  });

  test('keeps our component as the value where a person put another one beside it', async () => {
    const mark = { decisionId: 'd', revision: 'r', at: 't', values: { component: 'Office' } };
    const changes = [
      change(['components', null, 'Atrium'], 90, 'ada'),
      change(['components', null, 'Office'], 60, BOT),
    ];
    const { learned } = await learnFrom(finished({ components: ['Atrium', 'Office'], mark, changes }));
    expect(learned[0]?.values['component']).toEqual({ value: 'Office', by: 'human' });
  });
});

describe('remembering', () => {
  test('leaves out issues of other projects and issues that teach nothing', async () => {
    const memory = memoryFake();
    const issues = [finished(), finished({ project: 'HR' }), finished({ labels: ['vip'] }), finished()];
    expect(await remember(issues, playbook, { memory, embedder: null })).toBe(2);
    expect((await everything(memory)).map(({ ticket }) => ticket.id).toSorted()).toEqual([
      issues[0]?.id,
      issues[3]?.id,
    ]);
  });

  test('gives each issue its own vector', async () => {
    const memory = memoryFake();
    const embedder: Embedder = {
      model: 'm',
      embed: async (texts) =>
        texts.map((text) => ({ model: 'm', vector: text.startsWith('printer') ? [1, 0] : [0, 1] })),
    };
    const [printer, screen] = [finished({ summary: 'printer' }), finished({ summary: 'screen' })];
    await remember([finished({ labels: [] }), printer, screen], playbook, { memory, embedder });
    const nearest = await memory.nearest({
      text: '',
      embedding: { model: 'm', vector: [0, 1] },
      keywordWeight: 0,
      limit: 1,
      projects: ['IT'],
      readerProject: 'IT',
      readerLevel: 'Staff',
      excludeId: '',
      before: '2030-01-01T00:00:00.000Z',
    });
    expect(nearest.map(({ ticket }) => ticket.id)).toEqual([screen.id]);
  });

  test('embeds what it is told to of each issue', async () => {
    const memory = memoryFake();
    const texts: string[] = [];
    const embedder: Embedder = {
      model: 'm',
      embed: async (some) => {
        texts.push(...some);
        return some.map(() => ({ model: 'm', vector: [1, 0] }));
      },
    };
    const issue = finished({ summary: 'printer', text: 'Kim says it jams', people: ['Kim'] });
    const textOf = ({ text, people }: Pick<Issue, 'text' | 'people'>) => text.replace(people[0] ?? '', '…');
    await remember([issue], playbook, { memory, embedder, textOf });
    await remember([issue], playbook, { memory, embedder });
    expect(texts).toEqual(['… says it jams', 'printer\nKim says it jams']);
  });

  test('goes on without vectors while the embedder is out of order', async () => {
    const memory = memoryFake();
    const embedder: Embedder = {
      model: 'm',
      embed: async () => {
        throw new TransientError('later');
      },
    };
    const issue = finished();
    expect(await remember([issue], playbook, { memory, embedder })).toBe(1);
    expect((await everything(memory)).map(({ ticket }) => ticket.id)).toEqual([issue.id]);
  });
});
