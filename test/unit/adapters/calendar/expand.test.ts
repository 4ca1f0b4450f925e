import { describe, expect, test, vi } from 'vitest';
import { awaySpans } from '../../../../src/adapters/calendar/expand.ts';
import { calendar, event, series } from './support.ts';

// As in the process that this runs in.
vi.stubEnv('TZ', 'UTC');

const SPRING = { fromMs: Date.parse('2026-03-20T00:00:00Z'), toMs: Date.parse('2026-04-10T00:00:00Z') };

/** Spans of these lines in short: exact ones with Z, those on the reader's clocks without. */
function spansOf(...lines: readonly string[]): string[] {
  const short = (ms: number) => new Date(ms).toISOString().replace(':00.000Z', 'Z');
  return awaySpans(calendar(...lines), SPRING)
    .map((span) =>
      span.kind === 'exact'
        ? `${short(span.fromMs)}/${short(span.toMs)}`
        : `${span.from}/${span.to}`.replaceAll(':00/', '/').replace(/:00$/, ''),
    )
    .sort();
}

function upTo(end: number): string {
  return Array.from({ length: end }, (_, number) => number).join(',');
}

describe('an event', () => {
  test('of whole days is on the reader’s clocks, its last day not included', () => {
    expect(spansOf(...event('DTSTART;VALUE=DATE:20260401', 'DTEND;VALUE=DATE:20260403'))).toEqual([
      '2026-04-01T00:00/2026-04-03T00:00',
    ]);
    expect(spansOf(...event('DTSTART;VALUE=DATE:20260401'))).toEqual(['2026-04-01T00:00/2026-04-02T00:00']);
    expect(spansOf(...event('DTSTART;VALUE=DATE:20260401', 'DTEND;VALUE=DATE:20260401'))).toEqual([
      '2026-04-01T00:00/2026-04-02T00:00',
    ]);
    expect(spansOf(...event('DTSTART;VALUE=DATE:20260401', 'DURATION:P2D'))).toEqual([
      '2026-04-01T00:00/2026-04-03T00:00',
    ]);
  });

  test.each([
    ['DTSTART:20260401T090000Z', '2026-04-01T09:00Z/2026-04-01T10:30Z'],
    ['DTSTART;TZID=Europe/Berlin:20260401T090000', '2026-04-01T07:00Z/2026-04-01T08:30Z'],
    ['DTSTART;TZID="America/New_York":20260401T090000', '2026-04-01T13:00Z/2026-04-01T14:30Z'],
    ['DTSTART;TZID=W. Europe Standard Time:20260401T090000', '2026-04-01T07:00Z/2026-04-01T08:30Z'],
    ['DTSTART;TZID="(UTC+05:30) Somewhere":20260401T090000', '2026-04-01T03:30Z/2026-04-01T05:00Z'],
    ['DTSTART;TZID=UTC+0545:20260401T090000', '2026-04-01T03:15Z/2026-04-01T04:45Z'],
  ])('at %s is exact, also without VTIMEZONE', (start, span) => {
    expect(spansOf(...event(start, 'DURATION:PT90M'))).toEqual([span]);
  });

  test('without time zone, or of one that nobody knows, is on the reader’s clocks', () => {
    expect(spansOf(...event('DTSTART:20260401T090000', 'DTEND:20260401T103000'))).toEqual([
      '2026-04-01T09:00/2026-04-01T10:30',
    ]);
    expect(spansOf(...event('DTSTART;TZID=Mars/Olympus:20260401T090000', 'DURATION:PT90M'))).toEqual([
      '2026-04-01T09:00/2026-04-01T10:30',
    ]);
  });

  test.each([
    ['STATUS:CANCELLED'],
    ['STATUS:cancelled'],
    ['TRANSP:TRANSPARENT'],
    ['TRANSP;X-WHY=holiday:TRANSPARENT'],
    ['DURATION:PT0S'],
    ['DURATION:-PT1H'],
  ])('takes nobody away with %s', (line) => {
    expect(spansOf(...event('DTSTART:20260401T090000Z', line))).toEqual([]);
  });

  test('that is tentative, or busy in so many words, takes somebody away', () => {
    expect(spansOf(...event('DTSTART:20260401T090000Z', 'DURATION:PT1H', 'STATUS:TENTATIVE', 'TRANSP:OPAQUE'))).toEqual(
      ['2026-04-01T09:00Z/2026-04-01T10:00Z'],
    );
  });

  test('outside of the window is left out, one that reaches into it is not', () => {
    expect(
      spansOf(
        ...event('DTSTART:20260319T090000Z', 'DURATION:PT15H'),
        ...event('DTSTART:20260319T090000Z', 'DURATION:PT16H'),
        ...event('DTSTART:20260410T000000Z', 'DURATION:PT1H'),
        ...event('DTSTART;VALUE=DATE:20250101', 'DTEND;VALUE=DATE:20270101'),
      ),
    ).toEqual(['2025-01-01T00:00/2027-01-01T00:00', '2026-03-19T09:00Z/2026-03-20T01:00Z']);
  });

  test('in folded lines, or with hostile names, is read as any other', () => {
    expect(
      spansOf(
        ...event('DTSTART;TZID=Europe/', ' Berlin:20260401T090000', 'DURATION:PT1H', `SUMMARY:${'休'.repeat(10_000)}`),
        ...event('UID:__proto__', 'DTSTART:20260402T090000Z', 'DURATION:PT1H'),
        ...event('UID:constructor', 'DTSTART:20260403T090000Z', 'DURATION:PT1H', '__PROTO__:polluted'),
      ),
    ).toEqual([
      '2026-04-01T07:00Z/2026-04-01T08:00Z',
      '2026-04-02T09:00Z/2026-04-02T10:00Z',
      '2026-04-03T09:00Z/2026-04-03T10:00Z',
    ]);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  test('without a start that is a date is no event', () => {
    expect(spansOf(...event('SUMMARY:nothing'), ...event('DTSTART:soon', 'DTEND:later'))).toEqual([]);
  });
});

describe('a series', () => {
  test('stays at its time of day when the clocks change', () => {
    expect(
      spansOf(
        ...series('DTSTART;TZID=Europe/Berlin:20260105T090000', 'DURATION:PT1H', 'RRULE:FREQ=WEEKLY;BYDAY=SU,MO'),
      ),
    ).toEqual([
      '2026-03-22T08:00Z/2026-03-22T09:00Z',
      '2026-03-23T08:00Z/2026-03-23T09:00Z',
      '2026-03-29T07:00Z/2026-03-29T08:00Z',
      '2026-03-30T07:00Z/2026-03-30T08:00Z',
      '2026-04-05T07:00Z/2026-04-05T08:00Z',
      '2026-04-06T07:00Z/2026-04-06T08:00Z',
    ]);
  });

  test('of whole days or without time zone is on the reader’s clocks', () => {
    expect(spansOf(...series('DTSTART;VALUE=DATE:20200403', 'RRULE:FREQ=YEARLY'))).toEqual([
      '2026-04-03T00:00/2026-04-04T00:00',
    ]);
    expect(spansOf(...series('DTSTART:20260325T130000', 'DURATION:PT2H', 'RRULE:FREQ=DAILY;COUNT=2'))).toEqual([
      '2026-03-25T13:00/2026-03-25T15:00',
      '2026-03-26T13:00/2026-03-26T15:00',
    ]);
  });

  test('begins before the window and lasts into it', () => {
    expect(
      spansOf(...series('DTSTART;VALUE=DATE:20260301', 'DTEND;VALUE=DATE:20260321', 'RRULE:FREQ=MONTHLY;COUNT=1')),
    ).toEqual(['2026-03-01T00:00/2026-03-21T00:00']);
  });

  test('leaves out its exceptions, written as a time, as a day, or on the same clocks', () => {
    const daily = ['DTSTART;TZID=Europe/Berlin:20260325T090000', 'DURATION:PT1H', 'RRULE:FREQ=DAILY;COUNT=6'];
    expect(
      spansOf(
        ...series(
          ...daily,
          'EXDATE;TZID=Europe/Berlin:20260325T090000,20260326T090000',
          'EXDATE:20260327T080000Z',
          'EXDATE;VALUE=DATE:20260328',
          'EXDATE:20260329T090000',
          'EXDATE:20260330T090000Z',
        ),
      ),
    ).toEqual(['2026-03-30T07:00Z/2026-03-30T08:00Z']);
  });

  test('of whole days leaves out exceptions written as times too', () => {
    const daily = ['DTSTART;VALUE=DATE:20260325', 'RRULE:FREQ=DAILY;COUNT=3'];
    expect(
      spansOf(...series(...daily, 'EXDATE;VALUE=DATE:20260325', 'EXDATE;TZID=Europe/Berlin:20260326T000000')),
    ).toEqual(['2026-03-27T00:00/2026-03-28T00:00']);
  });

  test('has changed occurrences where they are now', () => {
    expect(
      spansOf(
        ...series('DTSTART;TZID=Europe/Berlin:20260325T090000', 'DURATION:PT1H', 'RRULE:FREQ=DAILY;COUNT=4'),
        ...series('RECURRENCE-ID;TZID=Europe/Berlin:20260325T090000', 'DTSTART:20260325T150000Z', 'DURATION:PT2H'),
        ...series('RECURRENCE-ID:20260326T080000Z', 'DTSTART:20260326T080000Z', 'DURATION:PT1H', 'STATUS:CANCELLED'),
        ...series('RECURRENCE-ID;TZID=Europe/Berlin:20260327T090000', 'DTSTART;VALUE=DATE:20260401'),
      ),
    ).toEqual([
      '2026-03-25T15:00Z/2026-03-25T17:00Z',
      '2026-03-28T08:00Z/2026-03-28T09:00Z',
      '2026-04-01T00:00/2026-04-02T00:00',
    ]);
  });

  test('brings a changed occurrence in from outside of the window, also before the series itself is told', () => {
    expect(
      spansOf(
        ...series('RECURRENCE-ID:20260525T080000Z', 'DTSTART:20260325T080000Z', 'DURATION:PT1H'),
        ...series('DTSTART:20260525T080000Z', 'DURATION:PT1H', 'RRULE:FREQ=DAILY;COUNT=2'),
      ),
    ).toEqual(['2026-03-25T08:00Z/2026-03-25T09:00Z']);
  });

  test('has the extra dates it lists', () => {
    expect(
      spansOf(
        ...series(
          'DTSTART;TZID=Europe/Berlin:20260325T090000',
          'DURATION:PT1H',
          'RDATE;TZID=Europe/Berlin:20260330T090000,20260331T090000',
          'RDATE;VALUE=PERIOD:20260401T090000Z/PT5H',
          'RDATE:not a date',
          'EXDATE;TZID=Europe/Berlin:20260331T090000',
        ),
      ),
    ).toEqual([
      '2026-03-25T08:00Z/2026-03-25T09:00Z',
      '2026-03-30T07:00Z/2026-03-30T08:00Z',
      '2026-04-01T09:00Z/2026-04-01T10:00Z',
    ]);
  });
});

describe('a text that is no calendar, or means harm, is refused', () => {
  test.each([
    ['nothing', ''],
    ['a page that asks to sign in', '<html><body>Sign in</body></html>'],
    ['one that was cut off', 'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\n'],
    [
      'one that repeats every second',
      calendar(...series('DTSTART:20100101T000000Z', 'DURATION:PT1S', 'RRULE:FREQ=SECONDLY')),
    ],
    ['a rule that is none', calendar(...series('DTSTART:20260401T090000Z', 'RRULE:FREQ=SOMETIMES'))],
    [
      'one with too many occurrences',
      calendar(
        ...series(
          'DTSTART:20260320T000000Z',
          'DURATION:PT1M',
          `RRULE:FREQ=DAILY;BYHOUR=${upTo(24)};BYMINUTE=${upTo(25)}`,
        ),
      ),
    ],
  ])('%s', (_, text) => {
    expect(() => awaySpans(text, SPRING)).toThrow();
  });

  test('while one without events is empty', () => {
    expect(spansOf()).toEqual([]);
  });
});
