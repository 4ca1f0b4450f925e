import { randomUUID } from 'node:crypto';

/** An iCal text with these lines in it. */
export function calendar(...lines: readonly string[]): string {
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//test//EN', ...lines, 'END:VCALENDAR', ''].join('\r\n');
}

/** Lines of an event that belongs to nothing else. */
export function event(...lines: readonly string[]): string[] {
  const uid = lines.some((line) => line.startsWith('UID:')) ? [] : [`UID:${randomUUID()}`];
  return ['BEGIN:VEVENT', ...uid, ...lines, 'END:VEVENT'];
}

/** Lines of an event of the one series. */
export function series(...lines: readonly string[]): string[] {
  return event('UID:the-series', ...lines);
}
