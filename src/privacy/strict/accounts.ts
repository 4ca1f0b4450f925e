import { canonical, technicalWords } from '../names/ordinary.ts';
import { type Span, spansOf, WORDY } from '../span.ts';

const IN_PATH = [
  /\\(?:Users|Benutzer|Utilisateurs|Usuarios|Documents and Settings|Dokumente und Einstellungen)\\(?<gone>[^\\/\s"'<>|:*?]{1,64}(?: [^\\/\s"'<>|:*?]{1,40}(?=\\))?)/gi,
  /(?<![\p{L}\p{N}.])\/(?:home|Users)\/(?<gone>[^\s/"'<>|:;,)]{1,64})/gu,
];
const IN_DOMAIN =
  /(?<![\w\\/:.-])(?!HK(?:LM|CU|CR|U|EY)|BUILTIN)(?<gone>[A-Z][A-Z0-9-]{1,15}\\[A-Za-z][\w.$-]{1,40})(?![\w\\])/g;
const LABELLED =
  /(?<![\p{L}\p{N}])(?:user(?: ?(?:name|id))?|username|login(?: ?name)?|account|benutzer(?:name|kennung)?|anmeldename|kennung|nom d['’]utilisateur|identifiant|usuario|nombre de usuario|用户名|账号|帐号|域账号)["']?\s?[:=：]\s?["']?(?=[\w.$-]{0,40}[a-z]|\d{5})(?<gone>[a-z0-9][\w.$-]{2,40})(?![\w@])/giu;
/** 用户liuyang无法登录 */
const AFTER_CHINESE = /(?<=(?:用户|账号|帐号|账户) ?)(?<gone>[a-z][a-z0-9._-]{3,30})(?![\w@])/g;
/** Accounts that are nobody's. */
const NOBODY = new Set(
  'public default defaultuser0 all shared root admin administrator system guest service user users jenkins ubuntu runner node app git ec2-user vagrant pi www-data postgres oracle none null unknown alle any is not'.split(
    ' ',
  ),
);

/** Names of accounts where a path, a domain or a label shows them. */
export function* accountsIn(text: string): Generator<Span> {
  for (const pattern of [...IN_PATH, IN_DOMAIN, LABELLED, AFTER_CHINESE]) {
    for (const span of spansOf(text, pattern, 'USER')) {
      const key = span.key.replace(/[.,;)]+$/, '').toLowerCase();
      const name = key.split('\\').at(-1) ?? key;
      if (!NOBODY.has(name) && !technicalWords.has(canonical(name)))
        yield { ...span, end: span.start + key.length, key };
    }
  }
}

const DIGITS = new RegExp(
  String.raw`(?<!${WORDY}|${WORDY}[.,_\/\-]|#)(?:\d{3}-\d{2}-\d{4}|\d{6,}[Xx]?)(?!${WORDY}|[.,:\/\-]\d|\s?(?:bytes?|[kmgt]i?b|eur|usd|chf|€|\$|£|¥|ms|sec|rows|records|items|lines|users|hits|requests|stück|zeilen|datensätze|条|行|元|个|次)(?![\p{L}\p{N}]))`,
  'giv',
);
const COMPACT_DATE = /^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$/;
/** What counts things and not people: documents, parts, places in the books, programs. */
const COUNTS_THINGS =
  /(?:order|bestell(?:ung|nummer)?|auftrag(?:snummer)?|beleg(?:nummer)?|invoice|rechnung|facture|factura|commande|pedido|entrega|albarán|livraison|banf|\bpo\b|material|lieferung|delivery|shipment|sendung|tracking|charge|batch|\blot|sachkonto|g\/l|kostenstelle|cost cent(?:er|re)|buchung|document|dokument|idoc|transport|ticket|case|issue|vorgang|incident|build|version|time|timestamp|line|zeile|column|offset|size|age|job|run|pid|port|process|error|fehler|code|id de portal|message|event|article|artikel|sku|kb|seri(?:al|en)\p{L}*|asset|invent\p{L}*|terminal|\bas\b|订单号?|单号|物料|凭证|发票|工单|序列号|版本|错误|端口|资产)[^\p{L}\p{N}\n]{0,4}(?:(?:numbers?|no|nr|nummern?|like|is|ist|und|and|n°|num)[. ]{1,2}){0,2}[^\p{L}\p{N}\n]{0,3}$/iu;
const BEFORE = 40;

/** Long numbers that may be a customer's, an employee's or an account's: all but those of things. */
export function* numbersIn(text: string): Generator<Span> {
  for (const span of spansOf(text, DIGITS, 'NUMBER')) {
    const before = text.slice(Math.max(0, span.start - BEFORE), span.start);
    if (!COUNTS_THINGS.test(before) && !COMPACT_DATE.test(span.key)) yield span;
  }
}

const DAY = String.raw`(?:\d{4}年\d{1,2}月\d{1,2}日?|\d{1,4}[.\/\-]\d{1,2}[.\/\-]\d{1,4}|\d{1,2}(?:\.|st|nd|rd|th|er)? (?:de )?\p{L}{3,10}\.?(?: de)? \d{4}|\p{L}{3,10}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4})`;
const BORN = [
  String.raw`(?:born(?: on)?|geb(?:oren|\.)?(?: am)?|née?(?:\(e\))? le|nacid[oa] el|生日|出生于)[^\d\n\p{L}]{0,6}(?:(?:am|on|the|le|el)\s)?`,
  String.raw`(?:date of birth|birth ?da(?:te|y)|d\.?o\.?b\.?|geburts(?:datum|tag)|date de naissance|fecha de nacimiento|出生日期|出生年月日|生年月日)[^\d\n.;]{0,24}?`,
].map((label) => new RegExp(String.raw`(?<![\p{L}\p{N}])${label}(?<gone>${DAY})`, 'giv'));

/** Dates of birth, where a label says so. */
export function* birthdaysIn(text: string): Generator<Span> {
  for (const pattern of BORN) yield* spansOf(text, pattern, 'BIRTHDATE');
}
