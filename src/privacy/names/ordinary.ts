/** Words that are names and something else too, as `canonical` writes them. */

/** Products, technology and roles: never a name when they stand alone, whoever is called so. */
const TECHNICAL =
  'access account accounts acrobat active admin administrator adobe agent alert alerts alexa amazon analyst and ' +
  'android apache api app apple application applications atlassian automation aws azure backup basic bot brother ' +
  'build canon cert chrome cisco citrix client cloud code computer concur confluence connect console contact corp ' +
  'cortana customer dat data database datadog dba dell delphi desk desktop developer devops directory display ' +
  'dns docker domain drive driver edge elastic engineering epson excel exchange extern external facilities file ' +
  'finance firefox firmware flow git github gitlab google gradle grafana group gruppe guest hardware help helpdesk ' +
  'hotline hr hub iis info infra infrastructure integration intern internal internet ios ipad iphone issue it java ' +
  'jenkins jira jobs kafka key kibana kontakt laptop lenovo link linux login logistics logistik lotus mac mail ' +
  'manager marketing master maven microsoft mobile monitor monitoring mysql nagios net network netzwerk node ' +
  'noreply notes office okta operation operations oracle outlook owner partner payable perl phone platform ' +
  'plattform portal power printer prod production project proxy python ram receivable redis release report reporter ' +
  'root safari sage sales salesforce sap scanner script security server serveur service services servidor share ' +
  'sharepoint siri slack soporte spark sql support surface switch sybase system systems tableau team teams ' +
  'teamviewer terraform test tester ticket tickets token tomcat tools ubuntu und unix unknown user users vault ' +
  'vendor video viewer visio visual vpn web webex webmaster wifi windows word workday xray zendesk zoom';

/** Everyday words: a name only where it is written and placed like one. */
const EVERYDAY =
  'dev alter art bank banks bell best big bill black blanc blanco blank bold brand bright brown can case cash chance ' +
  'chase claude close cole cross day del dick don drew ende faith field fields fit fix frei french frey friend gene ' +
  'glass gold good grace grant gray green greene grey gross guy hack hall hand hang hard herd hill holder hope hunt ' +
  'jack jan joy jung junge just kaiser kern keys king klein kurz lack lane lang lange langer last law lee light lin ' +
  'little lock long love low mark marks mars mat max miles mill min moor more moss neu new noble noir north page ' +
  'park pat petit pike piper pool post powers price prince proper raw ray reich rice rich rose ruby rush sand sandy ' +
  'schwarz sharp short sid small snow son spring star stark steel still stolz stone storm strong sue swift tag tall ' +
  'teller tim trend trust van voll wall waters way weis west white wild will wit wood woods young';

/** Months, days and seasons: even with a capital they mostly are no names. */
const CALENDAR =
  'abril april august domingo freitag friday fruhling herbst januar january juli julio july jun june juni mai march ' +
  'marz may monday montag noel samstag sommer sonntag spring summer summers sunday winter';

/** Parts of a name that are never a name by themselves. */
const PARTICLES =
  'abu af al and av bin bint d da das de del della den der di dos du e el ibn ii iii jr la le les mac mc o san ' +
  'santa sr st ten ter und van vom von y zu zum zur';
const TITLES =
  'bsc dipl dr ext external frau herr ing madame mba miss mme monsieur mr mrs ms msc phd prof professor senor ' +
  'senora sir sra';

const PLAIN = /^[a-z0-9]*$/;
const BARRED: Readonly<Record<string, string>> = {
  ß: 'ss',
  ø: 'o',
  œ: 'o',
  æ: 'a',
  ł: 'l',
  đ: 'd',
  ı: 'i',
  ð: 'd',
  þ: 'th',
};

/** A word without case, accents and the ways around umlauts: Müller, Mueller and MULLER are the same. */
export function canonical(word: string): string {
  const lower = word.toLowerCase();
  const plain = PLAIN.test(lower)
    ? lower
    : lower
        .normalize('NFD')
        .replace(/\p{M}+/gu, '')
        .replace(/[ßøœæłđıðþ]/g, (letter) => BARRED[letter] ?? letter);
  return plain.replace(/([aou])e/g, '$1');
}

const setOf = (words: string) => new Set(words.split(' ').map(canonical));

export const technicalWords = setOf(TECHNICAL);
export const everydayWords = setOf(EVERYDAY);
export const calendarWords = setOf(CALENDAR);
export const particles = setOf(PARTICLES);
export const titles = setOf(TITLES);
