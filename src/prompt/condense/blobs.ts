/** Shorter runs may be identifiers, hashes or tokens that mean something. */
const BASE64_RUN = /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{100,}={0,2}/g;
const HEX_RUN = /(?<![A-Za-z0-9])(?:0x)?[0-9A-Fa-f]{80,}(?![A-Za-z0-9])/g;
/** A whole line of encoded data, as mails and certificates wrap it. */
const BASE64_LINE = /^\s{0,20}[A-Za-z0-9+/]{60,}$/;
const LAST_BASE64_LINE = /^\s{0,20}[A-Za-z0-9+/]{1,80}={0,2}$/;

/** The lines with base64 and hexadecimal data replaced by its kind and size, `[base64, 12 kB]`. */
export function foldBlobs(lines: readonly string[]): string[] {
  const folded: string[] = [];
  for (let index = 0; index < lines.length; ) {
    const end = endOfBlock(lines, index);
    if (end - index > 1) folded.push(named('base64', lines.slice(index, end).join('').replace(/\s/g, '')));
    else folded.push(foldRuns(lines[index] ?? ''));
    index = Math.max(end, index + 1);
  }
  return folded;
}

/** Where the block of encoded lines that begins here ends; the index itself when none does. */
function endOfBlock(lines: readonly string[], start: number): number {
  let end = start;
  while (end < lines.length && isEncodedLine(lines[end] ?? '')) end++;
  const last = lines[end];
  if (end > start && last !== undefined && last !== '' && isLastOf(last)) end++;
  return end;
}

function isEncodedLine(line: string): boolean {
  return BASE64_LINE.test(line) && isMixed(line);
}

function isLastOf(line: string): boolean {
  return LAST_BASE64_LINE.test(line) && (line.endsWith('=') || isMixed(line));
}

/** Upper case, lower case and digits together: hardly a word, path or separator. */
function isMixed(run: string): boolean {
  return /[A-Z]/.test(run) && /[a-z]/.test(run) && /\d/.test(run);
}

function foldRuns(line: string): string {
  if (line.length < 80) return line;
  return line
    .replace(HEX_RUN, (run) => (/\d/.test(run) ? named('hex', run) : run))
    .replace(BASE64_RUN, (run) => (isMixed(run) ? named('base64', run) : run));
}

const BYTES_PER_CHARACTER = { base64: 3 / 4, hex: 1 / 2 } as const;

function named(kind: keyof typeof BYTES_PER_CHARACTER, data: string): string {
  const bytes = Math.max(1, Math.floor(data.length * BYTES_PER_CHARACTER[kind]));
  return `[${kind}, ${bytes < 1000 ? `${bytes} B` : `${Math.round(bytes / 1000)} kB`}]`;
}
