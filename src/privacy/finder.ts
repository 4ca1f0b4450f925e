/** A stretch of a text that names or identifies somebody, in UTF-16 units. */
export interface Found {
  readonly start: number;
  readonly end: number;
  /** For example `PERSON` or `STAFF_ID`; becomes the name of the placeholder. */
  readonly kind: string;
}

/** Finds what patterns cannot: names of people that Jira does not know. */
export interface PiiFinder {
  /**
   * What identifies people in a text; `language` as ISO 639-1. Throws `TransientError` when nobody could look: then
   * the text must not leave.
   */
  find(text: string, language: string): Promise<readonly Found[]>;
}
