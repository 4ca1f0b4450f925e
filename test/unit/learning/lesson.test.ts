import { describe, expect, test } from 'vitest';
import type { PastTicket, TrueValue } from '../../../src/domain/ticket/issue.ts';
import {
  isLessonDue,
  learnFromMemory,
  modelScoringKey,
  recipeOf,
  trainingTicket,
} from '../../../src/learning/lesson.ts';
import { recipeKey } from '../../../src/learning/linear/train.ts';
import { unpack } from '../../../src/learning/linear/trainer.ts';
import { memoryFake } from '../../fakes/memory.ts';
import { modelsFake } from '../../fakes/models.ts';
import { ALL_TARGETS, pastTicketWith, playbookWith } from '../../support/fixtures.ts';
import { promptWith } from '../../support/model.ts';

const playbook = playbookWith();
const human = (value: string): TrueValue => ({ value, by: 'human' });
const machine = (value: string): TrueValue => ({ value, by: 'machine' });

async function memoryOf(tickets: readonly PastTicket[]) {
  const memory = memoryFake();
  await memory.put(tickets);
  return memory;
}

/** Half about printers, half about passwords; what we wrote ourselves and nobody touched is wrong. */
const history = Array.from({ length: 60 }, (_, index) =>
  index % 2 === 0
    ? pastTicketWith({ summary: 'printer jam', values: { category: human('printing') } })
    : pastTicketWith({
        summary: 'password refused',
        values: { category: index < 30 ? human('access') : machine('nonsense') },
      }),
);

describe('learning from memory', () => {
  test.each([
    ['alone, where what we wrote ourselves counts nothing', 0, [30, 15]],
    ['and a little of what we wrote ourselves', 0.25, [30, 15, 4]],
  ])('stores a model of what people decided %s', async (_what, weakWeight, tickets) => {
    const ports = { memory: await memoryOf(history), models: modelsFake() };
    const weighing = playbookWith({ classify: { weakWeight } });
    const lesson = await learnFromMemory(weighing, ports);
    const newest = await ports.models.newest();
    expect(lesson).toEqual({ version: newest?.version, tickets: 60, targets: ['category'] });
    const model = await unpack(lesson?.version ?? '', (await ports.models.load(lesson?.version ?? '')) ?? Buffer.of());
    expect(model.summary).toMatchObject({ tickets: 60, seed: 42, recipe: recipeKey(recipeOf(weighing)) });
    const classes = ['printing', 'access', 'nonsense'].map((value, index) => ({ value, tickets: tickets[index] }));
    expect(model.targets.get('category')?.classes).toEqual(classes.slice(0, tickets.length));
  });

  test.each([['there are too few tickets', history.slice(0, 49)]])('stores nothing when %s', async (_what, tickets) => {
    const ports = { memory: await memoryOf(tickets), models: modelsFake() };
    expect(await learnFromMemory(playbook, ports)).toBeNull();
    expect(await ports.models.newest()).toBeNull();
  });

  test('stores an empty model when nobody ever told two values apart, so that it is not tried again and again', async () => {
    const alike = history
      .filter((_, index) => index % 2 === 0)
      .flatMap((ticket) => [ticket, { ...ticket, id: `${ticket.id}0` }]);
    const ports = { memory: await memoryOf(alike), models: modelsFake() };
    const lesson = await learnFromMemory(playbook, ports);
    expect(lesson).toMatchObject({ tickets: alike.length, targets: [] });
    expect(await ports.models.newest()).toMatchObject({ version: lesson?.version });
  });
});

describe('what a past ticket teaches', () => {
  test('is its text, and of its context only what the playbook asks for', () => {
    const ticket = pastTicketWith({
      summary: 'printer',
      text: 'jam',
      created: '2026-02-03T04:05:06.000Z',
      context: { reporter: 'kim', hour: '4', issueType: 'Incident' },
      values: { category: human('printing') },
    });
    expect(trainingTicket(ticket, playbookWith({ classify: { features: ['hour', 'weekday'] } }))).toEqual({
      sample: { title: 'printer', body: 'jam', context: { hour: '4' } },
      created: '2026-02-03T04:05:06.000Z',
      truths: { category: ['printing'] },
    });
  });

  test('is every label of a family with several', () => {
    const several = playbookWith({ targets: { category: { ...ALL_TARGETS.category, multiple: true } } });
    const ticket = pastTicketWith({ values: { category: human('access vpn') } });
    expect(trainingTicket(ticket, several).truths).toEqual({ category: ['access', 'vpn'] });
    expect(trainingTicket(ticket, playbook).truths).toEqual({ category: ['access vpn'] });
  });

  test('is a little of what we wrote and nobody touched, as much as the playbook says', () => {
    const ticket = pastTicketWith({ values: { category: machine('printing'), priority: human('High') } });
    const of = (weakWeight: number) => {
      const { truths, weights } = trainingTicket(ticket, playbookWith({ classify: { weakWeight } }));
      return { truths, weights };
    };
    const all = { category: ['printing'], priority: ['High'] };
    expect(of(0.25)).toEqual({ truths: all, weights: { category: 0.25 } });
    expect(of(1)).toEqual({ truths: all });
    expect(of(0)).toEqual({ truths: { priority: ['High'] } });
  });

  test('is nothing for a target that is gone', () => {
    const targets = { component: { kind: 'component' }, category: ALL_TARGETS.category } as const;
    const ticket = pastTicketWith({ values: { gone: human('x') } });
    expect(trainingTicket(ticket, playbookWith({ targets })).truths).toEqual({});
  });
});

describe('the recipe of a playbook', () => {
  test('has the targets that past tickets decide, as the playbook sets them', () => {
    const targets = { ...ALL_TARGETS, priority: { kind: 'priority', mode: 'off' } } as const;
    const classify = { features: ['reporter', 'customfield_10002'], seed: 7, recencyHalfLifeDays: 90 };
    expect(recipeOf(playbookWith({ targets, classify }))).toEqual({
      targets: ['category', 'component'],
      features: ['reporter', 'customfield_10002'],
      seed: 7,
      recencyHalfLifeDays: 90,
    });
    expect(recipeOf(playbook).recencyHalfLifeDays).toBeNull();
  });

  test('says what our own values count only where that is unusual, so that older calibrations stay in force', () => {
    expect(recipeOf(playbook)).not.toHaveProperty('weakWeight');
    expect(recipeKey(recipeOf(playbook))).toBe(
      '[["category","component","priority"],["issueType","reporter"],42,null]',
    );
    expect(recipeOf(playbookWith({ classify: { weakWeight: 0.5 } }))).toHaveProperty('weakWeight', 0.5);
  });
});

describe('the next lesson', () => {
  const now = new Date('2026-03-02T12:00:00.000Z');
  const learnt = {
    version: 'v',
    summary: { tickets: 1000, from: '', to: '', seed: 42, recipe: recipeKey(recipeOf(playbook)) },
    rarity: new Uint8Array(),
    targets: new Map(),
    table: { rows: new Uint32Array(2), entries: new Uint32Array() },
  };
  const full = { ...learnt, summary: { ...learnt.summary, tickets: 100_000 } };
  const recent = '2026-03-02T11:00:00.000Z';

  test.each([
    ['never, with too little history', { model: null, storedAt: null }, 49, false],
    ['never, with too little history, however old', { model: learnt, storedAt: '2020-01-01T00:00:00.000Z' }, 49, false],
    ['as soon as there is enough', { model: null, storedAt: null }, 50, true],
    ['not while the model fits', { model: learnt, storedAt: recent }, 1000, false],
    ['not for a few more tickets', { model: learnt, storedAt: recent }, 1050, false],
    ['for many more tickets', { model: learnt, storedAt: recent }, 1051, true],
    ['for many fewer tickets', { model: learnt, storedAt: recent }, 949, true],
    ['not within a day', { model: learnt, storedAt: '2026-03-01T12:00:00.000Z' }, 1000, false],
    ['after a day', { model: learnt, storedAt: '2026-03-01T11:59:59.999Z' }, 1000, true],
    ['not for what is beyond the newest hundred thousand', { model: full, storedAt: recent }, 500_000, false],
  ])('is due %s', (_when, inUse, size, isDue) => {
    expect(isLessonDue(inUse, playbook, { size, now })).toBe(isDue);
  });

  test.each([
    ['a target', { targets: { category: ALL_TARGETS.category } }],
    ['a feature', { classify: { features: ['reporter'] } }],
    ['the seed', { classify: { seed: 7 } }],
    ['a half-life', { classify: { recencyHalfLifeDays: 30 } }],
    ['what our own values count', { classify: { weakWeight: 0 } }],
  ])('is due when the playbook changes %s', (_what, draft) => {
    const inUse = { model: learnt, storedAt: recent };
    expect(isLessonDue(inUse, playbookWith(draft), { size: 1000, now })).toBe(true);
  });

  test('is not due for a change that training does not depend on', () => {
    const changed = playbookWith({ classify: { sharpness: 3 }, retrieval: { topK: 5 }, revision: 'next' });
    expect(isLessonDue({ model: learnt, storedAt: recent }, changed, { size: 1000, now })).toBe(false);
  });
});

describe('what a model’s calibration depends on', () => {
  const asking = (draft: Parameters<typeof playbookWith>[0] = {}) =>
    playbookWith({ model: { prompt: 'p.yaml' }, prompts: { triage: promptWith() }, ...draft });
  const key = modelScoringKey(asking(), 'mini');

  test.each([
    ['the model', modelScoringKey(asking(), 'maxi')],
    ['the prompt', modelScoringKey(asking({ prompts: { triage: { ...promptWith(), hash: 'other' } } }), 'mini')],
    ['where it is asked', modelScoringKey(asking({ model: { prompt: 'p.yaml', skipModelAbove: 0.5 } }), 'mini')],
    ['how much it is shown', modelScoringKey(asking({ retrieval: { shown: 3 } }), 'mini')],
    ['what is redacted', modelScoringKey(asking({ privacy: { redaction: 'strict' } }), 'mini')],
    ['facts about a ticket', modelScoringKey(asking({ plugins: ['language'] }), 'mini')],
    ['the classifier beside it', modelScoringKey(asking({ classify: { seed: 7 } }), 'mini')],
  ])('is %s', (_what, other) => {
    expect(other).not.toBe(key);
  });

  test('is not its price, its budget or how many are asked at once', () => {
    const endpoints = { main: { concurrency: 3, price: { input: 1, output: 2 } } };
    const model = { prompt: 'p.yaml', endpoints, budget: { perDay: { money: 1 } } };
    expect(modelScoringKey(asking({ model }), 'mini')).toBe(key);
  });

  test('is nothing where no model is asked', () => {
    expect(modelScoringKey(playbookWith(), 'mini')).toBeNull();
  });
});
