import { anyCase } from '../any-case.ts';
import { CJK, type Span, spansOf, WORDY } from '../span.ts';
import { canonical, everydayWords, technicalWords, titles } from './ordinary.ts';

const NAME = String.raw`\p{Lu}[\p{L}\p{M}'’]+(?:-\p{Lu}[\p{L}\p{M}'’]+)?`;
const NAMES = `(?<gone>${NAME}(?: (?:(?:van|von|de|der|den|zu|la|le|al|bin) ){0,2}${NAME}){0,2})`;
const DOCTOR = String.raw`(?:(?:Dr|Prof|Dipl|Ing)\.?(?:-Ing\.)? ){0,2}`;
const TITLE = String.raw`(?:Herrn?|Frau|Hr\.|Fr\.|Mr\.?|Mrs\.?|Ms\.?|Miss|Monsieur|Madame|Mme|Mlle|Sr\.|Sra\.|Señora?|Señorita|Kollegin|Kollege|Dr\.|Prof\.)`;
const TITLED = new RegExp(`(?<!${WORDY})${TITLE} ${DOCTOR}${NAMES}`, 'gv');

const GREETING =
  '(?:Hi|Hello|Hey|Dear|Good (?:morning|afternoon|evening)|Hallo|Moin|Servus|Guten (?:Tag|Morgen|Abend)|Liebe[rs]?|Sehr geehrte[rs]?|Bonjour|Salut|Cher|Chère|Hola|Estimad[oa]|Querid[oa]|Buen(?:os|as) (?:días|tardes)|Ciao|Grüezi|Grüß Gott)';
const GREETED = new RegExp(
  String.raw`(?<![${WORDY}"„“\-])${GREETING},? ${DOCTOR}${NAMES}(?=\s{0,2}(?:[,!.:;–\-]|\n|$))`,
  'gv',
);

const CLOSING =
  '(?:(?:kind|best|warm|many)? ?(?:regards|wishes)|best|cheers|thanks?(?: you| in advance| a lot)?|thx|sincerely|yours(?: sincerely| truly)?|br|' +
  'mfg|(?:mit )?(?:freundlichen?|viele[nr]?|beste[nr]?|liebe|herzliche|schöne|vielen)?[ ]?(?:grüßen|grüssen|grüße|grüsse|gruß|gruss|dank)(?: und gruß)?|' +
  String.raw`lg|vg|danke(?: und gruß)?|gez\.?|cordialement|bien à vous|merci|bonne journée|salutations|saludos(?: cordiales)?|un saludo|atentamente|gracias)`;
const SIGNED = new RegExp(
  String.raw`(?<![\p{L}\p{N}])${anyCase(CLOSING)}[ ]{0,2}[,!.\-–]{0,3}\s{1,4}${NAMES}(?=[ ]{0,3}[.!]?[ ]{0,3}(?:\n|\||$))`,
  'gv',
);
const INTRODUCTION = "(?:my name is|mein name ist|ich heiße|je m['’]appelle|me llamo|hier ist|hier spricht)";
const INTRODUCED = new RegExp(`(?<!${WORDY})${anyCase(INTRODUCTION)}[ ]${NAMES}`, 'gv');

/** A line of a form. */
const LABEL =
  '(?:(?:full |first |last |sur|vor|nach)?name|employee|mitarbeiter(?:in)?|(?:contact|ansprechpartner(?:in)?|kontakt|requested by|gemeldet von|nom|prénom|nombre))';
const FILLED_IN = new RegExp(
  String.raw`(?<=^|\n)[\s*•\|\-]{0,4}${anyCase(LABEL)} ?[:：] ?${NAMES}(?= {0,3}(?:\n|[,;\(\|]|$))`,
  'gv',
);

/** Chinese family names that cover most people; others would cost too many ordinary words. */
const FAMILY =
  '(?:欧阳|司马|上官|诸葛|司徒|[王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文欧樊兰殷陶翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂])';
const CHINESE_ROLE =
  '(?:先生|女士|小姐|经理|老师|工程师|主管|主任|师傅|总监|部长|科长|处长|同学|博士|教授|工(?![作单程具资人厂时序期号业艺地况种])|总(?![是共计数部体量监结线之额会])|姐|哥)';
/** Words that begin like a family name. */
const NO_NAME =
  '(?!高级|高校|资深|常务|常用|常常|常规|任何|任务|方案|方面|方法|马上|白天|安全|安装|龙头|金融|金额|钱包|文件|文档|石油|康复|江苏|万能|万一|时|于是|谢谢|程序|曾经|严重|范围|温度|易于|向|毛利|章节|成功|季度|单)';
const CHINESE_TITLED = new RegExp(`${NO_NAME}${FAMILY}[\\p{scx=Han}]{0,2}?(?=${CHINESE_ROLE})`, 'gv');
const CHINESE_GREETED = new RegExp(
  `(?<!${CJK})${NO_NAME}${FAMILY}(?!${CHINESE_ROLE})[\\p{scx=Han}]{1,2}(?=您好|你好)`,
  'gv',
);
const CHINESE_NAMED = new RegExp(
  `(?:新员工|新同事|员工|同事|联系人|姓名|申请人|报告人|提交人|经办人|发件人|用户名?|我叫|我是)[:：是为]?\\s?(?<gone>${NO_NAME}${FAMILY}[\\p{scx=Han}](?:(?![无的在和与说不下已于今反申需要是有没请这也把被打登收联入离因用从将想能可上换提])[\\p{scx=Han}])?)`,
  'gv',
);
const CHINESE_SIGNED = new RegExp(
  `(?:此致|敬礼|祝好|谢谢|多谢)[！!。，,~]{0,2}\\s{0,4}(?<gone>${FAMILY}[\\p{scx=Han}]{1,2})(?=\\s*$|\\s*\\n)`,
  'gv',
);

const PATTERNS = [TITLED, GREETED, SIGNED, INTRODUCED, FILLED_IN];
const CHINESE = [CHINESE_TITLED, CHINESE_GREETED, CHINESE_NAMED, CHINESE_SIGNED];
const IS_CJK = new RegExp(CJK, 'v');

/** Names of people that Jira does not know, where a title, a greeting or a closing gives them away. */
export function* addressedIn(text: string): Generator<Span> {
  for (const pattern of PATTERNS) {
    for (const span of spansOf(text, pattern, 'PERSON'))
      if (isName(span.key)) yield { ...span, key: span.key.toLowerCase() };
  }
  if (!IS_CJK.test(text)) return;
  for (const pattern of CHINESE) yield* spansOf(text, pattern, 'PERSON');
}

/** Whom one greets without naming anybody. */
const ALL = new Set(
  (
    'All Everyone Everybody Team Teams Support Colleagues Colleague There Sir Madam Sirs Folks Guys Admins Both Zusammen Kollegen Kolleginnen Damen ' +
    'Herren Leute Alle Support Helpdesk Hotline Welt World Tous Toutes Equipe Équipe Todos Equipo Sirs Customer Kunde Service Desk Und Please Bitte ' +
    'Vielen Dank Danke Thanks Sent Best Kind Regards Also However Not The This From Von Am Im In Ich We I It Das Die Der Wir'
  )
    .split(' ')
    .map(canonical),
);

function isName(words: string): boolean {
  const all = words.split(' ').map(canonical);
  const first = all[0] ?? '';
  if (ALL.has(first) || technicalWords.has(first) || titles.has(first)) return false;
  return (
    !(all.length === 1 && words === words.toUpperCase() && words.length < 5) &&
    !all.every((word) => everydayWords.has(word) && word.length < 3)
  );
}
