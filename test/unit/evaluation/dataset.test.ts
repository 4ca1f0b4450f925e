import { describe, expect, test } from 'vitest';
import { type Source, ticketsOf } from '../../../src/evaluation/dataset.ts';

const byTeam: Source = { target: 'y_team', features: { reporter: 'caller' }, order: 'file' };

const rows = [
  { title: 'No mail', body: 'since\nMonday', caller: 'u1', y_team: 'Mail' },
  { title: 'Nobody solved this', body: '', caller: 'u2' },
  { title: '', body: 'text only', y_team: 'Network' },
];

const inShort = (tickets: ReturnType<typeof ticketsOf>) =>
  tickets.map(({ summary, text, context, values }) => [summary, text, context, values['value']?.value]);

describe('tickets of a file', () => {
  test('are taken in their own order, without those that have no value', () => {
    expect(inShort(ticketsOf(rows, byTeam))).toEqual([
      ['No mail', 'since\nMonday', { reporter: 'u1' }, 'Mail'],
      ['', 'text only', {}, 'Network'],
    ]);
  });

  test('are past tickets that a person decided', () => {
    expect(
      ticketsOf([{ id: 'T-9', project: 'NET', title: 'No mail', y_team: 'Mail' }], { ...byTeam, features: {} }),
    ).toEqual([
      {
        id: 'T-9',
        key: 'T-9',
        project: 'NET',
        summary: 'No mail',
        text: '',
        created: '2020-01-01T00:00:00.000Z',
        securityLevel: null,
        resolution: null,
        context: {},
        values: { value: { value: 'Mail', by: 'human' } },
        embedding: null,
        part: null,
      },
    ]);
  });

  test('without dates get some that keep the order of the file', () => {
    const created = ticketsOf(rows, byTeam).map((ticket) => ticket.created);
    expect(created).toEqual(created.toSorted());
    expect(new Set(created).size).toBe(2);
  });

  test('with dates are put in order, and those without a date are left out', () => {
    const dated = [
      { id: 'b', opened: '2026-02-01 10:00', y_team: 'Mail' },
      { id: 'c', opened: '', y_team: 'Mail' },
      { id: 'a', opened: '2026-01-01', y_team: 'Mail' },
      { id: 'd', opened: '31/Jan/26 3:04 PM', y_team: 'Mail' },
    ];
    const tickets = ticketsOf(dated, { target: 'y_team', features: {}, order: 'opened' });
    expect(tickets.map(({ id, created }) => [id, created])).toEqual([
      ['a', '2026-01-01T00:00:00.000Z'],
      ['d', '2026-01-31T15:04:00.000Z'],
      ['b', '2026-02-01T10:00:00.000Z'],
    ]);
  });

  test('of a Jira export have its summary, key and description', () => {
    const row = { Summary: 'Printer,\nagain', 'Issue key': 'IT-1', Description: 'one\ntwo', Labels: 'cat-print' };
    expect(ticketsOf([row], { target: 'Labels', features: {}, order: 'file' })).toMatchObject([
      { id: 'IT-1', summary: 'Printer, again', text: 'one\ntwo', values: { value: { value: 'cat-print' } } },
    ]);
  });

  test('have the text of the fields asked for, and none but these', () => {
    const row = { title: 'a title', body: 'a body', subject: 'Printer', story: 'It jams.', y_team: 'Office' };
    const texts = (text: Source['text']) =>
      ticketsOf([row], { ...byTeam, features: {}, ...(text ? { text } : {}) }).map((ticket) => [
        ticket.summary,
        ticket.text,
      ]);
    expect(texts(['subject', 'story'])).toEqual([['Printer', 'It jams.']]);
    expect(texts(['subject'])).toEqual([['Printer', '']]);
  });

  test('know their place in an official split', () => {
    const places = ['train', 'Test', 'validation', 'dev', 'calib', ''].map((split) => ({ y_team: 'a', split }));
    const parts = ticketsOf(places, { ...byTeam, features: {} }).map(({ part }) => part);
    expect(parts).toEqual(['history', 'test', 'calibration', 'calibration', 'calibration', null]);
  });

  test.each([
    [
      'the value',
      { ...byTeam, target: 'team' },
      'no ticket has a field "team"; there are: title, body, caller, y_team',
    ],
    ['a feature', { ...byTeam, features: { reporter: 'who' } }, 'no ticket has a field "who"'],
    ['the text', { ...byTeam, text: ['subject'] as const }, 'no ticket has a field "subject"'],
    ['the date', { ...byTeam, order: 'opened' }, 'no ticket has a field "opened"'],
  ])('whose field for %s is missing are refused with the fields there are', (_what, source, message) => {
    expect(() => ticketsOf(rows, source)).toThrow(message);
  });

  test('of an empty file are refused', () => {
    expect(() => ticketsOf([], byTeam)).toThrow('the file holds no tickets');
  });
});
