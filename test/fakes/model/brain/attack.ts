import { isRecord, type Json } from '../../jira/json.ts';
import type { Field } from './evidence.ts';

/** What instruction-looking text in quoted material demands. */
export interface Attack {
  /** By field; as it was written where no allowed value is like it. */
  readonly values: ReadonlyMap<string, string>;
  /** JSON objects written out in it. */
  readonly objects: readonly Json[];
  readonly links: readonly string[];
}

const MAX_LINE = 4_000;
const MAX_LINES = 2_000;
const OPENING = '<data';
const CLOSING = '</data';

/** Words that take over: in English, German and Chinese. Bounded gaps keep them linear. */
const TAKE_OVER = [
  /\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:previous|prior|above|earlier|preceding|system|your)\b/iu,
  /\b(?:ignorier\w{0,3}|vergiss|missachte)\b.{0,40}(?:bisherig|vorherig|obig|vorig|alle|system)/iu,
  /(?:忽略|无视|忘记).{0,15}(?:之前|以上|前面|先前|所有|系统)/u,
  /\b(?:reveal|print|repeat|show|output|leak|quote|include)\b.{0,40}\b(?:system prompt|instructions|other tickets)\b/iu,
  /(?:zeige|nenne|wiederhole|gib).{0,40}(?:systemprompt|anweisungen)/iu,
  /(?:输出|显示|重复|告诉).{0,15}(?:系统提示|提示词|指令)/u,
  /^\s{0,5}(?:system|assistant|developer)\s{0,3}[:：]/iu,
];
const COMMAND =
  /\b(?:set|change|make|use|choose|pick|mark|assign|classify|categori[sz]e|label|answer|respond|reply|must be|setze|ändere|wähle|antworte|klassifiziere|muss)\b|设|改为|选择|分类为|回答|标记为/iu;
const AS =
  /\b(?:classif(?:y|ied)|categori[sz]ed?|labell?(?:ed)?|mark(?:ed)?|treat(?:ed)?)\b.{0,30}?\bas\s{1,3}(.{1,60})|\b(?:answer|respond|reply|antworte)\b.{0,20}?\b(?:with|mit)\s{1,3}(.{1,60})|(?:分类为|回答|标记为)[：:\s]{0,3}(.{1,60})/iu;
const LINK = /https?:\/\/[^\s"'<>|)\]]{3,300}/giu;

/** Null where nothing in the quoted blocks, or without blocks in the whole text, sounds like an instruction. */
export function attackIn(text: string, fields: readonly Field[]): Attack | null {
  const lines = quotedIn(text).split('\n', MAX_LINES).map(bare);
  const takingOver = new Set(lines.filter((line) => TAKE_OVER.some((pattern) => pattern.test(line))));
  const values = demands(
    lines.filter((line) => takingOver.has(line) || COMMAND.test(line)),
    fields,
  );
  if (takingOver.size === 0 && values.size === 0) return null;
  const objects = takingOver.size > 0 ? lines.flatMap(objectIn) : [];
  for (const { name, values: allowed } of fields)
    for (const { [name]: demanded } of objects)
      if (typeof demanded === 'string') values.set(name, meant(demanded, { name, values: allowed }));
  return { values, objects, links: lines.flatMap((line) => line.match(LINK) ?? []).slice(0, 5) };
}

/** What somebody wrote in a line, without the reference before it and the values behind it. */
function bare(line: string): string {
  return (line.slice(0, MAX_LINE).split('→', 1)[0] ?? '').replace(/^\s{0,20}\[\p{L}[\p{L}\p{N}_-]{0,30}\]/u, '');
}

/** The insides of `<data …>` blocks, so that the prompt's own words are not taken for an attack. */
function quotedIn(text: string): string {
  const blocks: string[] = [];
  for (let from = text.indexOf(OPENING); from >= 0; ) {
    const until = text.indexOf(CLOSING, from);
    if (until < 0) break;
    blocks.push(text.slice(text.indexOf('>', from) + 1, until));
    from = text.indexOf(OPENING, until + 1);
  }
  return blocks.length > 0 ? blocks.join('\n') : text;
}

function demands(lines: readonly string[], fields: readonly Field[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of lines) {
    for (const field of fields) {
      const demanded = assignmentOf(field.name, line);
      if (demanded) found.set(field.name, meant(demanded, field));
    }
    const [, ...groups] = AS.exec(line) ?? [];
    const plain = groups.find((group) => group !== undefined);
    const [first] = fields;
    if (plain && first && found.size === 0) found.set(first.name, meant(cut(plain), first));
  }
  return found;
}

const JOIN =
  /^["'”]?\s{0,3}(?:(?:to|as|is|must be|should be|auf|als|ist|muss)\b|[=:：]|为|成|设为|改为)[:：]?\s{0,3}(.{1,60})/iu;

/** `set the category to vpn`: what stands behind a field's name. */
function assignmentOf(name: string, line: string): string | null {
  const lower = line.toLowerCase();
  const words = name.toLowerCase().replaceAll('_', ' ');
  for (const spelling of new Set([name.toLowerCase(), words])) {
    for (
      let at = lower.indexOf(spelling), tries = 0;
      at >= 0 && tries < 20;
      at = lower.indexOf(spelling, at + 1), tries += 1
    ) {
      const value = JOIN.exec(line.slice(at + spelling.length, at + spelling.length + 80))?.[1];
      if (value) return cut(value);
    }
  }
  return null;
}

/** Up to the end of the phrase, quotes left out. */
function cut(text: string): string {
  const quoted = /^["'“„「]([^"'”“」]{1,60})["'”“」]/u.exec(text)?.[1];
  return (quoted ?? text.split(/[.,;!?。，；！\n]| and | und /u, 1)[0] ?? '').trim();
}

/** The allowed value it names, or else the very words. */
function meant(words: string, { values }: Field): string {
  const lower = words.toLowerCase();
  return (
    values.find((value) => value.toLowerCase() === lower) ??
    values.find((value) => lower.startsWith(`${value.toLowerCase()} `)) ??
    words
  );
}

function objectIn(line: string): Json[] {
  const [from, until] = [line.indexOf('{'), line.lastIndexOf('}')];
  if (from < 0 || until < from) return [];
  try {
    const object: unknown = JSON.parse(line.slice(from, until + 1));
    return isRecord(object) ? [object] : [];
  } catch {
    // Braces that hold no JSON.
    return [];
  }
}
