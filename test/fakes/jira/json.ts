export type Json = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function textIn(record: Json, key: string): string | undefined {
  const value = record[key];
  return typeof value === 'string' ? value : undefined;
}

export function recordIn(record: Json, key: string): Json {
  const value = record[key];
  return isRecord(value) ? value : {};
}

export function listIn(record: Json, key: string): readonly unknown[] {
  const value = record[key];
  return Array.isArray(value) ? value : [];
}
