import { describe, expect, test } from 'vitest';
import { readTickets, type Source, type SplitOptions, split, ticketsOf } from '../../../src/evaluation/dataset.ts';

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
        people: [],
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
      { id: 'b', title: '', opened: '2026-02-01 10:00', y_team: 'Mail' },
      { id: 'c', title: '', opened: '', y_team: 'Mail' },
      { id: 'a', title: '', opened: '2026-01-01', y_team: 'Mail' },
      { id: 'd', title: '', opened: '31/Jan/26 3:04 PM', y_team: 'Mail' },
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
    const places = ['train', 'Test', 'validation', 'dev', 'calib', ''].map((part) => ({
      title: 'a',
      y_team: 'a',
      split: part,
    }));
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

  test('keep ids apart that occur twice', () => {
    const ids = ['X', 'X', 'X#2', ''].map((id) => ({ id, title: 'a', y_team: 'Mail' }));
    expect(ticketsOf(ids, { ...byTeam, features: {} }).map(({ id, key }) => [id, key])).toEqual(
      ['X', 'X#2', 'X#2#2', '4'].map((id) => [id, id]),
    );
  });

  test.each([
    [{ Zusammenfassung: 'Titel', Beschreibung: 'Text', Vorgangsschlüssel: 'IT-1', Projektschlüssel: 'IT' }],
    [{ 概要: 'Titel', 描述: 'Text', 关键字: 'IT-1', 项目关键字: 'IT' }],
    [{ 摘要: 'Titel', 描述: 'Text', 问题关键字: 'IT-1', 项目关键字: 'IT' }],
    [{ Résumé: 'Titel', Description: 'Text', 'Issue key': 'IT-1', 'Project key': 'IT' }],
    [{ Resumen: 'Titel', Descripción: 'Text', 'Issue key': 'IT-1', 'Project key': 'IT' }],
  ])('of a Jira export in another language are understood: %o', (row) => {
    expect(ticketsOf([{ ...row, y_team: 'Mail' }], { ...byTeam, features: {} })).toMatchObject([
      { id: 'IT-1', project: 'IT', summary: 'Titel', text: 'Text' },
    ]);
  });

  test('without a title or body of a usual name are refused, until told which fields these are', () => {
    const row = { Sujet: 'a', y_team: 'Mail' };
    expect(() => ticketsOf([row], { ...byTeam, features: {} })).toThrow(
      'give --text TITLE,BODY; there are: Sujet, y_team',
    );
    expect(ticketsOf([row], { ...byTeam, features: {}, text: ['Sujet'] })).toHaveLength(1);
  });

  test('of an empty file are refused', () => {
    expect(() => ticketsOf([], byTeam)).toThrow('the file holds no tickets');
  });
});

const dated = (dates: readonly string[], field = 'opened') =>
  dates.map((date, index) => ({ id: `${index}`, title: 'a', y_team: 'Mail', [field]: date }));

describe('the order of a file', () => {
  const source: Source = { target: 'y_team', features: {} };

  test.each(['created', 'Created', 'Erstellt', '创建日期'])('is that of its dates of creation: %s', (field) => {
    const { tickets, order } = readTickets(dated(['2026-02-01', '2026-01-01'], field), source);
    expect(tickets.map(({ id }) => id)).toEqual(['1', '0']);
    expect(order).toBe(field);
  });

  test('is its own when asked for, when there are no dates, or when too few can be read', () => {
    const orderOf = (dates: readonly string[], more = {}) =>
      readTickets(dated(dates, 'created'), { ...source, ...more }).order;
    expect(orderOf(['2026-02-01', '2026-01-01'], { order: 'file' })).toBe('file');
    expect(orderOf(['2026-02-01', 'yesterday'])).toBe('file');
    expect(readTickets(dated(['2026-02-01']), source).order).toBe('file');
  });

  test('leaves out the few tickets without a date or a value, and counts them', () => {
    const rows = [...dated([...Array<string>(19).fill('2026-01-01'), 'soon'], 'created'), { title: 'open' }];
    const { tickets, without } = readTickets(rows, source);
    expect(tickets).toHaveLength(19);
    expect(without).toEqual({ value: 1, date: 1 });
  });

  test.each([
    ['2026-11-21', '2026-11-21T00:00:00.000Z'],
    ['2026-11-21 15:04', '2026-11-21T15:04:00.000Z'],
    ['2026-11-21T15:04:05.678Z', '2026-11-21T15:04:05.678Z'],
    ['2026-11-21T15:04:05.678+0130', '2026-11-21T13:34:05.678Z'],
    ['2026-11-21 15:04:05 -05:00', '2026-11-21T20:04:05.000Z'],
    ['21/Nov/26 3:04 PM', '2026-11-21T15:04:00.000Z'],
    ['21/Nov/26 12:04 AM', '2026-11-21T00:04:00.000Z'],
    ['21/Nov/2026 15:04', '2026-11-21T15:04:00.000Z'],
    ['21.11.26 15:04', '2026-11-21T15:04:00.000Z'],
    ['1.2.2026 15:04', '2026-02-01T15:04:00.000Z'],
    ['2026/11/21 15:04', '2026-11-21T15:04:00.000Z'],
  ])('reads %s', (date, created) => {
    expect(ticketsOf(dated([date]), { ...source, order: 'opened' })).toMatchObject([{ created }]);
  });

  test.each([
    '11/12/2026',
    '11/12/26 3:04 PM',
    '2026-02-31',
    '0026-02-01',
    '2026-01-01 24:00',
    '2026-01-01 10:60',
    '21/Foo/26 3:04 PM',
    '21/Nov/26 15:04 PM',
    '31.4.2026',
    '12',
    'Nov 21, 2026',
  ])('never guesses what %s means', (date) => {
    expect(() => ticketsOf(dated([date]), { ...source, order: 'opened' })).toThrow(
      `--order opened: 1 of 1 tickets have no readable date there, for example "${date}"; known are 2026-11-21 15:04`,
    );
  });

  test('by a field that is always empty is refused', () => {
    expect(() => ticketsOf(dated(['', '']), { ...source, order: 'opened' })).toThrow('it is always empty');
  });
});

describe('a split', () => {
  const source: Source = { target: 'y_team', features: {}, order: 'file' };
  const options: SplitOptions = { order: 'file', shares: [50, 25, 25] };
  const idsOf = (tickets: readonly { readonly id: string }[]) => tickets.map(({ id }) => id).join(' ');

  test('by an official field has the history before the calibration before the test, wherever they stand', () => {
    const rows = ['test', 'train', 'val', 'train', 'test'].map((part) => ({ title: 'a', y_team: 'Mail', split: part }));
    const parts = split(ticketsOf(rows, source), { ...options, isOfficial: true });
    expect([parts.history, parts.calibration, parts.test].map(idsOf)).toEqual(['2 4', '3', '1 5']);
    const created = [...parts.history, ...parts.calibration, ...parts.test].map((ticket) => ticket.created);
    expect(created).toEqual(created.toSorted());
    expect(new Set(created).size).toBe(5);
  });

  test('per project comes back oldest first', () => {
    const rows = dated(['01', '02', '03', '04', '05', '06', '07', '08'].map((day) => `2026-01-${day}`)).map(
      (row, index) => ({ ...row, project: index % 2 === 0 ? 'A' : 'B' }),
    );
    const tickets = ticketsOf(rows, { ...source, order: 'opened' });
    const parts = split(tickets, { ...options, order: 'opened', isPerProject: true });
    expect([parts.history, parts.calibration, parts.test].map(idsOf)).toEqual(['0 1 2 3', '4 5', '6 7']);
    expect(parts.history[0]?.created).toBe('2026-01-01T00:00:00.000Z');
  });

  test('by an official field that is not there is refused', () => {
    const tickets = ticketsOf(dated(['2026-01-01']), source);
    expect(() => split(tickets, { ...options, isOfficial: true })).toThrow('--split official needs a field "split"');
  });

  test('that would leave nothing says how large the largest class is', () => {
    const tickets = ticketsOf(dated(['', '', '', '']), source);
    expect(() => split(tickets, { ...options, minClass: 3 })).toThrow(
      '--min-class 3 leaves nothing: the largest class has 2 tickets to learn from',
    );
    expect(split(tickets, { ...options, minClass: 2 }).history).toHaveLength(2);
  });
});
