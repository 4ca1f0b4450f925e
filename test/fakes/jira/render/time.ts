/** `+0530` as minutes. */
export function offsetMinutes(offset: string): number {
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(3, 5));
  return offset.startsWith('-') ? -minutes : minutes;
}

/** Jira's own format, in the site's zone: `2026-04-25T18:35:13.605+0530`, no colon in the offset. */
export function jiraTime(at: number, offset: string): string {
  return new Date(at + offsetMinutes(offset) * 60_000).toISOString().replace('Z', offset);
}
