import { anyCase } from '../any-case.ts';
import { type Span, spansOf } from '../span.ts';

const WORD = String.raw`\p{Lu}[\p{L}'’\-]{1,30}`;
const HOUSE = String.raw`\d{1,4} ?[a-z]?(?:\s?[\-–\/]\s?\d{1,4}[a-z]?)?(?![\p{L}\p{N}]|[.,:]\d)`;
const LIVING =
  '(?:address(?: is)?|adresse|anschrift|wohn(?:t|haft|e)|lives?|living|residence|moved to|ship(?:ped)? to|domicilio|dirección|vivo|vive|habite|domicili)';
const LIVES = String.raw`${anyCase(LIVING)}[^\n\d]{0,30}?`;

const RUE = String.raw`(?:rue|avenue|av\.|boulevard|bd|place|chemin|impasse|allée|quai|route)`;
const CALLE = String.raw`(?:calle|c\/|avenida|avda\.?|plaza|paseo|carrer|camino)`;

const STREETS = [
  // Gartenstraße 14, Lange Gasse 3a
  String.raw`(?<![\p{L}\p{N}])(?!(?:Arbeits|Speicher|Park|Stell|Sitz|Lager|Steck|Büro|Einbau)platz|(?:Lösungs|Dienst|Um|Hin|Rück)weg)(?:\p{Lu}[\p{L}\-]{1,30}[ \-])?\p{Lu}?[\p{L}\-]{1,30}(?:straße|strasse|str\.|weg|gasse|allee|platz|ufer|damm|chaussee|promenade) ${HOUSE}`,
  String.raw`(?<![\p{L}\p{N}])(?:${WORD} )(?:Straße|Strasse|Str\.|Weg|Gasse|Allee|Platz|Ring|Ufer|Damm) ${HOUSE}`,
  // where somebody lives: Am Alten Markt 7
  `${LIVES}(?<gone>(?:Am|An der|An den|Im|In der|In den|Auf der|Auf dem|Zum|Zur|Unter den|Hinter der|Vor dem) (?:${WORD} ){1,3}${HOUSE})`,
  // 27 Harbour Street
  String.raw`(?<![\p{L}\p{N}.,])\d{1,5}[a-z]? (?:${WORD} ){1,3}(?:Street|Avenue|Ave|Road|Lane|Boulevard|Blvd|Terrace|Crescent|Square)(?![\p{L}])`,
  String.raw`${LIVES}(?<gone>\d{1,5}[a-z]? (?:${WORD} ){1,3}(?:St|Rd|Drive|Dr|Way|Court|Ct|Close|Place|Pl|Gardens|Hill))(?![\p{L}])`,
  // 12 rue des Lilas
  String.raw`(?<![\p{L}\p{N}])\d{1,4}(?: ?(?:bis|ter))?,? ${anyCase(RUE)}(?: (?:de la|des|du|de|d['’]|l['’]|la|les?))? ?${WORD}(?: ${WORD}){0,2}`,
  // Calle Mayor 45
  String.raw`(?<![\p{L}\p{N}])${anyCase(CALLE)} (?:(?:de la|de los|de las|del|de) )?${WORD}(?: ${WORD}){0,2},? (?:n[º°o.]{1,2} ?)?\d{1,4}(?![\p{L}\p{N}])`,
].map((source) => new RegExp(source, 'gv'));

/** 大街27号; what stands before it is read backwards, for the sake of time. */
const CHINESE = /(?:路|街|大道|巷|弄|胡同)\p{scx=Han}{0,4}\d{1,5}(?:弄\d{1,4})?号(?:\d{1,4}[楼栋幢室单元]{1,2}){0,3}/gu;
const HAN = /\p{scx=Han}/u;
const MAX_NAME = 12;

/** Where people live, in the plain shapes of a street with a number. */
export function* streetsIn(text: string): Generator<Span> {
  for (const pattern of STREETS) yield* spansOf(text, pattern, 'ADDRESS');
  for (const span of spansOf(text, CHINESE, 'ADDRESS')) {
    let start = span.start;
    while (start > Math.max(0, span.start - MAX_NAME) && HAN.test(text.charAt(start - 1))) start -= 1;
    if (start < span.start) yield { ...span, start, key: text.slice(start, span.end) };
  }
}
