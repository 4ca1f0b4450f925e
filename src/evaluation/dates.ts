/** For messages. */
export const KNOWN_DATES =
  '2026-11-21 15:04 (or T, seconds, a zone), 21/Nov/26 3:04 PM, 21.11.2026 15:04, 2026/11/21 15:04';
const TIME = String.raw`(?<hour>\d\d?):(?<minute>[0-5]\d)(?::(?<second>[0-5]\d(?:\.\d+)?))?`;
const ZONE = String.raw`(?:Z|(?<sign>[+-])(?<zoneHour>\d\d):?(?<zoneMinute>\d\d)?)`;
const YEAR = String.raw`(?<year>[1-9]\d{3}|\d\d)`;
const DATES = [
  String.raw`(?<year>[1-9]\d{3})-(?<month>\d\d)-(?<day>\d\d)(?:[T ]${TIME} ?${ZONE}?)?`,
  String.raw`(?<day>\d\d?)/(?<name>[a-z]{3})/${YEAR}(?: ${TIME})?`,
  String.raw`(?<day>\d\d?)/(?<name>[a-z]{3})/${YEAR} (?=0?[1-9]:|1[0-2]:)${TIME} (?<half>[ap])m`,
  String.raw`(?<day>\d\d?)\.(?<month>\d\d?)\.${YEAR}(?: ${TIME})?`,
  String.raw`(?<year>[1-9]\d{3})/(?<month>\d\d?)/(?<day>\d\d?)(?: ${TIME})?`,
].map((format) => new RegExp(`^${format}$`, 'i'));
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const UNITS = ['year', 'day', 'hour', 'minute', 'second', 'zoneHour', 'zoneMinute'];
const MINUTE_MS = 60_000;

/** A date of a known format as ISO 8601 in UTC, null for anything else: which number is the month is never guessed. */
export function readDate(text: string): string | null {
  const found = DATES.map((format) => format.exec(text)?.groups).find((groups) => groups !== undefined);
  if (!found) return null;
  const [year = 0, day = 0, hour = 0, minute = 0, second = 0, zoneHour = 0, zoneMinute = 0] = UNITS.map((unit) =>
    Number(found[unit] ?? 0),
  );
  const month = found['name'] ? MONTHS.indexOf(found['name'].toLowerCase()) : Number(found['month']) - 1;
  const hours = found['half'] ? (hour % 12) + (/p/i.test(found['half']) ? 12 : 0) : hour;
  const local = new Date(Date.UTC(year < 100 ? 2000 + year : year, month, day, hours, minute, 0, second * 1000));
  if (local.getUTCMonth() !== month || local.getUTCDate() !== day) return null;
  const zone = (zoneHour * 60 + zoneMinute) * (found['sign'] === '-' ? -1 : 1);
  return new Date(local.getTime() - zone * MINUTE_MS).toISOString();
}

/** Files without dates get made-up ones a minute apart. */
export function madeUpDate(place: number): string {
  return new Date(Date.UTC(2020, 0, 1) + place * MINUTE_MS).toISOString();
}
