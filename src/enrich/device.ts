import { browserIn, systemIn } from './system.ts';

/** What a text tells of the machine it is about. */
export function deviceFacts(
  text: string,
): Readonly<Record<'device' | 'os' | 'browser' | 'assetTag', string | undefined>> {
  return { device: modelIn(text), os: systemIn(text), browser: browserIn(text), assetTag: assetTagIn(text) };
}

/** Product lines whose name alone tells a device. */
const LINES = [
  ...['ThinkPad', 'ThinkCentre', 'ThinkStation', 'ThinkBook', 'IdeaPad', 'MacBook', 'iMac', 'Mac mini', 'Mac Studio'],
  ...['iPhone', 'iPad', 'EliteBook', 'ProBook', 'ZBook', 'EliteDesk', 'ProDesk', 'EliteOne', 'OptiPlex', 'Chromebook'],
  ...['Surface Pro', 'Surface Laptop', 'Surface Go', 'Surface Book', 'Surface Hub', 'Surface Studio', 'Surface Dock'],
  ...['LaserJet', 'OfficeJet', 'DesignJet', 'PageWide', 'ECOSYS', 'TASKalfa', 'bizhub', 'VersaLink', 'WorkCentre'],
  ...['AltaLink', 'LIFEBOOK', 'ESPRIMO', 'Toughbook'],
];
/** Product lines that are words of a language too: a model has to follow. */
const WORDLIKE = [
  ...['Latitude', 'Precision', 'XPS', 'Inspiron', 'Vostro', 'Galaxy', 'Pixel', 'Yoga', 'Catalyst', 'ProLiant'],
  ...['PowerEdge', 'FortiGate', 'Evolve2', 'Evolve', 'Satellite', 'TravelMate', 'Aspire'],
];
const MAKERS = [
  ...['Dell', 'HP', 'Lenovo', 'Fujitsu', 'Acer', 'Asus', 'Toshiba', 'Canon', 'Brother', 'Epson', 'Ricoh', 'Kyocera'],
  ...['Xerox', 'Lexmark', 'Zebra', 'Honeywell', 'Samsung', 'LG', 'EIZO', 'Jabra', 'Poly', 'Yealink', 'Cisco', 'Snom'],
  ...['Logitech', 'OKI', 'Konica Minolta', 'Philips', 'iiyama', 'BenQ', 'AVM'],
];

/** What stands between a line and its number, or behind it. */
const QUALIFIERS = [
  ...['Pro', 'Max', 'Plus', 'Air', 'mini', 'Ultra', 'SE', 'XR', 'XS', 'X', 'Carbon', 'Yoga', 'Nano', 'Extreme', 'Gen'],
  ...['MFP', 'Color', 'Enterprise', 'Managed', 'Note', 'Tab', 'Fold', 'Flip', 'XCover', 'Tower', 'Micro', 'Series'],
  ...['Studio', 'Rugged', 'Universal', 'Hybrid', 'Thunderbolt', 'USB-C', 'Dock', 'Docking', 'Station'],
  ...['Z Fold', 'Z Flip'],
];

const either = (names: readonly string[]) => names.join('|');
/** A model number: `T14s`, `840`, `M428fdw`, `E5470`, `HL-L2350DW`; neither a version nor a share nor a time. */
const NUMBER = String.raw`(?:[A-Za-z]{1,4}-)?[A-Za-z]{0,3}\d{1,5}[A-Za-z]{0,4}\d{0,2}(?![\w%]|[.,:]\d)`;
const QUALIFIER = String.raw`(?:${either(QUALIFIERS)})(?!\w)`;
/** A second number is a generation, a chip or four digits; others belong to the sentence. */
const MORE = String.raw`Gen ?\d{1,2}(?!\w)|G\d{1,2}(?!\w)|M\d(?!\w)|\d{4}(?![\w%]|[.,:]\d)`;
const MODEL = `(?:[ -]${QUALIFIER}){0,3}(?:[ -]?(${NUMBER}))?(?:[ -](?:${MORE}|${QUALIFIER})){0,4}`;

const OF_LINE = new RegExp(String.raw`(?<!\w)(${either([...LINES, ...WORDLIKE])})(?![A-Za-z]{2})${MODEL}`, 'gi');
/** `Dell 7350`, `Brother HL-L2350DW`, `Canon iR-ADV C3525i`; no years, no rooms. */
const OF_MAKER = new RegExp(
  String.raw`(?<!\w)(?:${either([...MAKERS, 'dell', 'hp', 'lenovo'])})(?: (?!(?:Raum|Room|Halle|Etage|Floor|Ticket) )[a-z]?[A-Z][\w-]{1,12}){0,2} (?!(?:19|20[0-3])\d(?!\w))(?=\D{0,6}\d\d)(${NUMBER})`,
);
const DOCK =
  /(?<!\w)(?:WD\d{2}\w{0,4}|TB1[5-8](?:DC)?|D[36]\d00|(?:HP|Dell|Lenovo) (?:Thunderbolt|USB-C)(?: \d)? Dock(?: (?:G|Gen )\d)?)(?!\w)/;
/** `Dock model on the sticker: TB-230W`. */
const BY_LABEL =
  /(?<!\w)(?:model|modell|modèle|modelo)(?: [a-z]{2,8}){0,3} ?[:：] ?((?:[A-Z][\w-]{1,14} )?(?=[\w-]{0,12}\d)[A-Z0-9][\w-]{2,15})|型号 ?[:：]? ?((?=[\w-]{0,12}\d)[A-Z0-9][\w-]{2,15})/i;

/** The device model a text names first; a model with its number before a mere product line. */
function modelIn(text: string): string | undefined {
  let line: string | undefined;
  for (const [model, name = '', number] of text.matchAll(OF_LINE)) {
    if (number !== undefined || /\d/.test(model)) return spelled(model);
    if (LINES.some((known) => known.toLowerCase() === name.toLowerCase())) line ??= spelled(model);
  }
  const labelled = BY_LABEL.exec(text);
  const other = OF_MAKER.exec(text)?.[0] ?? DOCK.exec(text)?.[0] ?? labelled?.[1] ?? labelled?.[2] ?? line;
  return other === undefined ? undefined : spelled(other);
}

const SPELLINGS = new Map(
  [...LINES, ...WORDLIKE, ...MAKERS, ...QUALIFIERS]
    .flatMap((name) => name.split(' '))
    .map((word) => [word.toLowerCase(), word]),
);

/** Names as their makers write them, a number's first letters large. */
function spelled(model: string): string {
  return model
    .trim()
    .split(/[ ]+/)
    .map(
      (word) =>
        SPELLINGS.get(word.toLowerCase()) ?? word.replace(/^[a-z]{1,2}(?=\d)/, (letters) => letters.toUpperCase()),
    )
    .join(' ')
    .replace(/ (?:Gen|-)$/, '');
}

const ASSET_LABEL = String.raw`(?:(?<!\w)(?:asset[ -]?(?:tag|no|nr|number|id)|inventar(?:nummer|[ -]?nr)|inv\.?-?nr|anlagen(?:nummer|-?nr)|geräte(?:nummer|-?nr)|(?:numéro|n°) d['’]inventaire|número de (?:inventario|activo)|etiqueta de activo)|资产(?:编号|标签|号)|資產編號|資産(?:管理)?番号)`;
const ASSET_TAG = new RegExp(
  String.raw`${ASSET_LABEL}\.?[ \t]{0,3}(?:(?:is|ist|lautet|es|est)(?!\w)|[#:：=为是])?[ \t]{0,3}((?=[\w/.-]{0,20}\d)[A-Z0-9][\w/.-]{1,22}\w)`,
  'iu',
);

function assetTagIn(text: string): string | undefined {
  return ASSET_TAG.exec(text)?.[1];
}
