/**
 * Runs as a process of its own whose clock is on UTC, as `expand.ts FROM_MS TO_MS`: takes an iCal text from standard
 * input and prints its `AwaySpan`s. A calendar is somebody else's text; whatever it makes the parser do ends with this
 * process.
 */
import { readFileSync } from 'node:fs';
import { sync, type VEvent } from 'node-ical';
import type { AwaySpan } from '../../roster/calendar.ts';
import { isSameMoment, type Moment, momentAt, momentOf, wallMs, wallOf } from './moment.ts';

/** In milliseconds since 1970. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

const DAY_MS = 86_400_000;
const MAX_SPANS = 10_000;
/** What lasts longer and repeats is looked for no further back. */
const MAX_REACH_MS = 400 * DAY_MS;

/** Times away that touch the window. Throws when the text is no calendar or holds far too much. */
export function awaySpans(text: string, window: Window): readonly AwaySpan[] {
  if (!/^BEGIN:VCALENDAR\s*$/im.test(text) || !/^END:VCALENDAR\s*$/im.test(text)) throw new Error('no calendar');
  const spans: AwaySpan[] = [];
  for (const component of Object.values(sync.parseICS(text))) {
    if (!isEvent(component)) continue;
    for (const span of spansOf(component, window)) if (touches(span, window)) spans.push(span);
    if (spans.length > MAX_SPANS) throw new Error('too many events');
  }
  return spans;
}

function isEvent(component: unknown): component is VEvent {
  return typeof component === 'object' && component !== null && 'type' in component && component.type === 'VEVENT';
}

/** A series without its exceptions, and those that were changed, each as it is now. */
function* spansOf(event: VEvent, window: Window): Iterable<AwaySpan> {
  const changed = [...new Set(Object.values(event.recurrences ?? {}))].filter(isEvent);
  for (const each of changed) yield* spanOf(each, momentOf(each.start));
  const except = [...Object.values(event.exdate ?? {}), ...changed.map(({ recurrenceid }) => recurrenceid)].flatMap(
    (date) => momentOf(date) ?? [],
  );
  for (const start of startsOf(event, window)) {
    if (!except.some((exception) => isSameMoment(exception, start))) yield* spanOf(event, start);
  }
}

function* startsOf(event: VEvent, { fromMs, toMs }: Window): Iterable<Moment> {
  const first = momentOf(event.start);
  if (!first) return;
  yield* extraStarts(event['rdate']);
  if (!event.rrule) yield first;
  // A day more on both sides: whole days and floating times begin at other instants elsewhere.
  const reach = Math.min(lengthOf(event, first), MAX_REACH_MS) + DAY_MS;
  const dates = event.rrule?.between(new Date(fromMs - reach), new Date(toMs + DAY_MS), true) ?? [];
  if (dates.length > MAX_SPANS) throw new Error('too many events');
  for (const date of dates) {
    if (first.zone !== null) yield momentAt(date.getTime(), first.zone);
    else yield { ...first, wall: wallOf(date.getTime()) };
  }
}

/** The parser leaves RDATE as text; as the start of an event it is read like every other date. */
function extraStarts(rdate: unknown): readonly Moment[] {
  return [rdate].flat().flatMap((listed) => {
    const { val, tzid } = rdateOf(listed);
    return val.split(',').flatMap((date) => {
      const [start = ''] = date.split('/');
      if (!/^\d{8}(T\d{6}Z?)?$/.test(start)) return [];
      const event = ['BEGIN:VEVENT', 'UID:one', `DTSTART${tzid}:${start}`, 'END:VEVENT'].join('\n');
      const { one } = sync.parseICS(`BEGIN:VCALENDAR\n${event}\nEND:VCALENDAR`);
      return (isEvent(one) && momentOf(one.start)) || [];
    });
  });
}

function rdateOf(listed: unknown): { readonly val: string; readonly tzid: string } {
  if (typeof listed === 'string') return { val: listed, tzid: '' };
  if (typeof listed !== 'object' || listed === null || !('val' in listed)) return { val: '', tzid: '' };
  const params = 'params' in listed && typeof listed.params === 'object' ? listed.params : null;
  const tzid = params && 'TZID' in params ? `;TZID=${String(params.TZID).replaceAll(/[\r\n";:]/g, '')}` : '';
  return { val: String(listed.val), tzid };
}

/** Nothing for what takes no time, was called off, or leaves its owner free. */
function* spanOf(event: VEvent, start: Moment | null): Iterable<AwaySpan> {
  if (!start || isFree(event)) return;
  const length = lengthOf(event, start);
  if (length <= 0) return;
  if (start.epochMs !== null) yield { kind: 'exact', fromMs: start.epochMs, toMs: start.epochMs + length };
  else yield { kind: 'local', from: start.wall, to: wallOf(wallMs(start.wall) + length) };
}

function isFree({ status, transparency, method }: VEvent): boolean {
  const says = (property: unknown, word: string) => plain(property).toUpperCase() === word;
  return says(status, 'CANCELLED') || says(transparency, 'TRANSPARENT') || says(method, 'CANCEL');
}

/** Properties with parameters come as objects. */
function plain(property: unknown): string {
  if (typeof property === 'object' && property !== null && 'val' in property) return String(property.val);
  return String(property ?? '');
}

/** In milliseconds; days and floating times have the length that their clocks show. */
function lengthOf({ start, end }: VEvent, { isDay }: Moment): number {
  const [from, to] = [momentOf(start), momentOf(end)];
  const given = from && to ? (to.epochMs ?? wallMs(to.wall)) - (from.epochMs ?? wallMs(from.wall)) : 0;
  return isDay ? Math.max(given, DAY_MS) : given;
}

/** Clocks elsewhere are up to a day apart from UTC's. */
function touches(span: AwaySpan, { fromMs, toMs }: Window): boolean {
  if (span.kind === 'exact') return span.fromMs < toMs && fromMs < span.toMs;
  return wallMs(span.from) < toMs + DAY_MS && fromMs - DAY_MS < wallMs(span.to);
}

if (import.meta.main) {
  const [fromMs = Number.NaN, toMs = Number.NaN] = process.argv.slice(2).map(Number);
  process.stdout.write(JSON.stringify(awaySpans(readFileSync(0, 'utf8'), { fromMs, toMs })));
}
