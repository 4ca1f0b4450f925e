/** How a program, or a person, names a system or browser, and how we write it; `$1` and so on as in `replace`. */
interface Naming {
  readonly pattern: RegExp;
  readonly name: string;
}

const DOTTED = String.raw`(\d{1,3}(?:[._]\d{1,3}){0,3})`;

/** In order of trust: with a version first, so that a bare name never hides it. */
const SYSTEMS: readonly Naming[] = [
  { pattern: /\bWindows NT 10\.0\b/, name: 'Windows 10 or 11' },
  {
    pattern:
      /\bWindows[ -]?(Server )?(7|8\.1|8|10|11|XP|Vista|20(?:08|12|16|19|22|25))(?!\d)( R2)?(?: (?:Pro(?:fessional)?|Enterprise|Home|Education|LTSC)\b)?(?:,? \(?(?:version )?(2\dH[12])\b)?/i,
    name: 'Windows $1$2$3 $4',
  },
  { pattern: /\b(?:W[iI][nN] ?|win)(7|8|10|11)(?![\d.,]\d|\w)/, name: 'Windows $1' },
  { pattern: new RegExp(String.raw`\b(?:iPhone OS|iOS|ios) ${DOTTED}`), name: 'iOS $1' },
  { pattern: new RegExp(String.raw`\biPadOS ${DOTTED}`, 'i'), name: 'iPadOS $1' },
  { pattern: /\bAndroid (?:version )?(\d{1,2}(?:\.\d){0,2})\b/i, name: 'Android $1' },
  {
    pattern: new RegExp(
      String.raw`\b(?:macOS|Mac OS X|Mac OS|OS X) ((?:Tahoe|Sequoia|Sonoma|Ventura|Monterey|Big Sur|Catalina)\b ?)?${DOTTED}`,
      'i',
    ),
    name: 'macOS $1$2',
  },
  { pattern: /\bmacOS (Tahoe|Sequoia|Sonoma|Ventura|Monterey|Big Sur|Catalina)\b/i, name: 'macOS $1' },
  {
    pattern:
      /\b(Ubuntu|Debian|Fedora|CentOS|Rocky Linux|AlmaLinux|openSUSE(?: Leap)?|Linux Mint|RHEL|Red Hat Enterprise Linux|SLES|Oracle Linux)(?: Linux| Server| Stream)? (\d{1,2}(?:\.\d{1,2}){0,2})( LTS| SP\d)?\b/i,
    name: '$1 $2$3',
  },
  { pattern: /\b(Ubuntu|Debian|Fedora|CentOS|RHEL|SLES|openSUSE)\b/i, name: '$1' },
  { pattern: /\b(macOS|iPadOS|ChromeOS|iOS)\b/, name: '$1' },
  { pattern: /\bAndroid\b(?! Studio)/i, name: 'Android' },
  { pattern: /\bWindows\b(?! Hello| Store)/, name: 'Windows' },
];

const BROWSERS: readonly Naming[] = [
  { pattern: /\bEdgA?\/(\d{2,3})/, name: 'Edge $1' },
  { pattern: /\bOPR\/(\d{2,3})/, name: 'Opera $1' },
  { pattern: /\bFirefox\/(\d{2,3})/i, name: 'Firefox $1' },
  { pattern: /\bChrome\/(\d{2,3})/, name: 'Chrome $1' },
  { pattern: /\bVersion\/(\d{1,2}(?:\.\d{1,2})?)\S{0,20}(?: Mobile\/\w{1,10})? Safari\//, name: 'Safari $1' },
  { pattern: /\bFirefox( ESR)?(?: [Vv]ersion)? (\d{2,3})\b/i, name: 'Firefox$1 $2' },
  { pattern: /\b(Chrome|Edge|Safari|Opera|Vivaldi)(?: [Vv]ersion)? (\d{2,3})(?:\.\d|\b)/i, name: '$1 $2' },
  { pattern: /\bInternet Explorer(?: (\d{1,2}))?\b/i, name: 'Internet Explorer $1' },
  { pattern: /\bIE ?(8|9|10|11)\b/, name: 'Internet Explorer $1' },
  { pattern: /\b(Firefox)\b/i, name: '$1' },
  { pattern: /\b(?:google )?(chrome)\b(?! ?(?:OS|plat))/i, name: '$1' },
  { pattern: /\b(?:microsoft|ms)[ -](edge)\b|\bedge[ -]browser/i, name: 'Edge' },
  { pattern: /\b(Edge)\b(?! (?:router|gateway|device|switch|server|node|computing|case)s?\b)/, name: '$1' },
  { pattern: /\b(Safari)\b/, name: '$1' },
];

/** The operating system a text names, with its version when it tells one. */
export function systemIn(text: string): string | undefined {
  return named(text, SYSTEMS);
}

/** The browser a text names, be it in words or as a user agent. */
export function browserIn(text: string): string | undefined {
  return named(text, BROWSERS);
}

function named(text: string, namings: readonly Naming[]): string | undefined {
  for (const { pattern, name } of namings) {
    const match = pattern.exec(text);
    if (match) return spelled(name.replace(/\$(\d)/g, (_, group: string) => match[Number(group)] ?? ''));
  }
  return undefined;
}

const SPELLINGS = new Map(
  [
    ...['Server', 'Vista', 'XP', 'R2', 'Edge', 'Chrome', 'Firefox', 'Safari', 'Opera', 'Vivaldi', 'Ubuntu', 'Debian'],
    ...['Fedora', 'CentOS', 'RHEL', 'SLES', 'openSUSE', 'LTS', 'Sequoia', 'Sonoma', 'Ventura', 'Monterey', 'Catalina'],
    ...[
      'Tahoe',
      'Big',
      'Sur',
      'ESR',
      'Linux',
      'Rocky',
      'AlmaLinux',
      'Mint',
      'Oracle',
      'Red',
      'Hat',
      'Enterprise',
      'Leap',
    ],
  ].map((word) => [word.toLowerCase(), word]),
);

/** The same words written the same way, versions with dots. */
function spelled(name: string): string {
  return name
    .replace(/(\d)_(?=\d)/g, '$1.')
    .split(/\s+/)
    .map((word) => SPELLINGS.get(word.toLowerCase()) ?? (/^\d\dh\d$/.test(word) ? word.toUpperCase() : word))
    .join(' ')
    .trim();
}
