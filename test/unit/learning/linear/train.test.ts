import { describe, expect, test } from 'vitest';
import { countFeatures, type Sample, weigh } from '../../../../src/learning/linear/features.ts';
import { type LocalModel, marginsOf } from '../../../../src/learning/linear/model.ts';
import { decodeModel, encodeModel, versionOf } from '../../../../src/learning/linear/model-file.ts';
import { recipeKey, type TrainingTicket } from '../../../../src/learning/linear/train.ts';
import { lesson, modelOf, recipeWith, trainOn } from '../../../support/learnt.ts';

type Learnt = Omit<LocalModel, 'version'>;

const times = <Item>(count: number, item: Item) => Array.from({ length: count }, () => item);

function marginsFor(model: Learnt, title: string, context: Sample['context'] = {}) {
  return marginsOf(model, weigh(countFeatures({ title, body: '', context }), model.rarity));
}

/** Every value by its margin for this title, best first. */
function rankedFor(model: Learnt, title: string, context: Sample['context'] = {}): string[] {
  const target = model.targets.get('category');
  if (!target) throw new Error('nothing was learnt');
  const margins = marginsFor(model, title, context).get('category') ?? [];
  return target.classes
    .map(({ value }, index) => ({ value, margin: margins[index] ?? Number.NaN }))
    .sort((one, other) => other.margin - one.margin)
    .map(({ value }) => value);
}

const valuesOf = (model: Learnt) => model.targets.get('category')?.classes;

const on = (day: string) => ({ created: `${day}T00:00:00.000Z` });

const desk: readonly TrainingTicket[] = [
  ...times(5, lesson('printer jam on the second floor', ['printing'], on('2026-01-20'))),
  ...times(4, lesson('password refused at sign in', ['access'], on('2026-01-09'))),
  ...times(3, lesson('outlook shows no mail', ['email'], on('2026-01-11'))),
  lesson('coffee machine is broken', ['kitchen'], on('2026-01-12')),
];

const deskModel = trainOn(desk);

describe('training', () => {
  test('learns every value of several tickets with how many had it, the most frequent first', () => {
    expect(valuesOf(deskModel)).toEqual([
      { value: 'printing', tickets: 5 },
      { value: 'access', tickets: 4 },
      { value: 'email', tickets: 3 },
    ]);
  });

  test('finds the value again from other words of the same kind', () => {
    const bests = ['second printer jams', 'passwords refused', 'mails in outlook'].map(
      (title) => rankedFor(deskModel, title)[0],
    );
    expect(bests).toEqual(['printing', 'access', 'email']);
  });

  test('of the same tickets with the same seed gives the same bytes, and so the same version', () => {
    const bytes = encodeModel(deskModel);
    const again = encodeModel(trainOn(desk));
    expect(Buffer.compare(bytes, again)).toBe(0);
    expect(versionOf(again)).toBe(versionOf(bytes));
    expect(modelOf(desk, { seed: 43 }).version).not.toBe(versionOf(bytes));
  });

  test('classes may be called like anything at all, to the end', async () => {
    const names = ['__proto__', 'constructor', 'toString', '🖨️', '打印机', 'a b', '\u0000'];
    const titles = [
      'printer jam',
      'password refused',
      'no mail',
      'vpn is slow',
      'screen flickers',
      'mouse',
      'keyboard',
    ];
    const tickets = names.flatMap((name, index) => times(2, lesson(titles[index] ?? '', [name])));
    const bytes = encodeModel(trainOn(tickets));
    const model = await decodeModel(versionOf(bytes), bytes);
    expect(titles.map((title) => rankedFor(model, title)[0])).toEqual(names);
  });

  test('a target is learnt only where there are two values to tell apart, and takes no other one with it', () => {
    const tickets = desk.map((ticket, index) => ({
      ...ticket,
      truths: {
        ...ticket.truths,
        alike: ['Desk'],
        single: [`value ${index}`],
        empty: [],
        mostly: [index < 10 ? 'common' : `value ${index}`],
      },
    }));
    const targets = ['alike', 'single', 'empty', 'category', 'component', 'constructor', '__proto__', 'mostly'];
    const model = trainOn(tickets, { targets });
    expect([...model.targets.keys()]).toEqual(['category', 'mostly']);
    expect(model.targets.get('mostly')?.classes).toEqual([{ value: 'common', tickets: 10 }]);
    expect(model.targets.get('category')).toEqual(deskModel.targets.get('category'));
    for (const { sample } of desk)
      expect(marginsFor(model, sample.title).get('category')).toEqual(
        marginsFor(deskModel, sample.title).get('category'),
      );
  });

  test('several values of one ticket are learnt one by one', () => {
    const model = trainOn([
      ...times(4, lesson('vpn password refused', ['access', 'network'])),
      ...times(4, lesson('password refused', ['access'])),
      ...times(4, lesson('printer jam', ['printing'])),
    ]);
    expect(valuesOf(model)).toEqual([
      { value: 'access', tickets: 8 },
      { value: 'network', tickets: 4 },
      { value: 'printing', tickets: 4 },
    ]);
    expect(rankedFor(model, 'vpn password refused').slice(0, 2).toSorted()).toEqual(['access', 'network']);
    expect(rankedFor(model, 'password refused')[0]).toBe('access');
  });

  test('what a ticket has beyond text is learnt too', () => {
    const from = (reporter: string) => ({ sample: { title: 'does not work', body: '', context: { reporter } } });
    const model = trainOn([
      ...times(4, lesson('', ['printing'], from('clara'))),
      ...times(4, lesson('', ['access'], from('kim'))),
    ]);
    expect(rankedFor(model, 'does not work', { reporter: 'clara' })[0]).toBe('printing');
    expect(rankedFor(model, 'does not work', { reporter: 'kim' })[0]).toBe('access');
  });

  test('says what it was made from', () => {
    expect(deskModel.summary).toEqual({
      tickets: 13,
      from: '2026-01-09T00:00:00.000Z',
      to: '2026-01-20T00:00:00.000Z',
      seed: 42,
      recipe: recipeKey(recipeWith()),
    });
  });
});

describe('the age of tickets', () => {
  const moved = [
    ...times(6, lesson('vpn is slow', ['network'], on('2020-01-01'))),
    ...times(4, lesson('vpn is slow', ['cloud'], on('2026-01-01'))),
    ...times(4, lesson('printer jam', ['printing'], on('2026-01-01'))),
  ];

  test('does not matter unless the recipe says so', () => {
    expect(rankedFor(trainOn(moved), 'vpn is slow')[0]).toBe('network');
  });

  test('lets newer ones win where half-lives count', () => {
    expect(rankedFor(trainOn(moved, { recencyHalfLifeDays: 365 }), 'vpn is slow')[0]).toBe('cloud');
  });

  test('of hundreds of half-lives leaves tickets that teach next to nothing, not a broken model', () => {
    const model = trainOn(moved, { recencyHalfLifeDays: 1 });
    expect(rankedFor(model, 'vpn is slow')[0]).toBe('cloud');
    expect(rankedFor(model, 'printer jam')[0]).toBe('printing');
  });
});

describe('a truth that no person stands behind', () => {
  const weak = (weight: number) => ({ weights: { category: weight } });
  const told = (weight: number) =>
    trainOn([
      ...times(6, lesson('vpn is slow', ['network'], weak(weight))),
      ...times(4, lesson('vpn is slow', ['cloud'])),
      ...times(4, lesson('printer jam', ['printing'])),
    ]);

  test('gives way to fewer people who say otherwise, unless it counts as much', () => {
    expect(rankedFor(told(0.25), 'vpn is slow')[0]).toBe('cloud');
    expect(rankedFor(told(1), 'vpn is slow')[0]).toBe('network');
  });

  test('makes a class only together with many others', () => {
    expect(valuesOf(told(0.25))).toContainEqual({ value: 'network', tickets: 2 });
    expect(valuesOf(told(0.2))).not.toContainEqual(expect.objectContaining({ value: 'network' }));
  });

  test('weighs on its own target alone', () => {
    const both = (weights: Readonly<Record<string, number>>) =>
      trainOn(
        desk.map((ticket) => ({
          ...ticket,
          truths: { ...ticket.truths, other: ticket.truths['category'] ?? [] },
          weights,
        })),
        { targets: ['category', 'other'] },
      );
    const whole = both({});
    const half = both({ other: 0.5 });
    const [ofHalf, ofWhole] = [half, whole].map((model) => marginsFor(model, 'second printer jams'));
    expect(ofHalf?.get('category')).toEqual(ofWhole?.get('category'));
    expect(ofHalf?.get('other')).not.toEqual(ofWhole?.get('other'));
  });

  test('that all tickets share tells no two values apart', () => {
    const alike = times(9, lesson('vpn is slow', ['network'], weak(0.25)));
    expect(trainOn(alike).targets.size).toBe(0);
  });

  test('and a weight for a target that every object has change nothing', () => {
    const odd = desk.map((ticket) => ({ ...ticket, weights: { constructor: 0.1, __proto__: 0.1 } }));
    expect(encodeModel(trainOn(odd))).toEqual(encodeModel(deskModel));
  });
});

describe('a recipe', () => {
  const recipe = recipeWith({ targets: ['a', 'b'], features: ['reporter', 'hour'] });

  test('is the same whatever the order of its targets and features', () => {
    expect(recipeKey({ ...recipe, targets: ['b', 'a'], features: ['hour', 'reporter'] })).toBe(recipeKey(recipe));
  });

  test.each([
    ['targets', { targets: ['a'] }],
    ['features', { features: ['reporter'] }],
    ['seed', { seed: 7 }],
    ['half-life', { recencyHalfLifeDays: 90 }],
    ['weight of what we wrote', { weakWeight: 0 }],
    ['names that only look alike when joined', { targets: ['a,b'] }],
  ])('is another one with other %s', (_what, parts) => {
    expect(recipeKey({ ...recipe, ...parts })).not.toBe(recipeKey(recipe));
  });
});
