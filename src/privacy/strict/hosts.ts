import { type Span, spansOf, WORDY } from '../span.ts';

/** Public places that tell what a ticket is about and nothing about who wrote it. */
const PUBLIC =
  'microsoft.com office.com office365.com microsoftonline.com live.com outlook.com windows.net windows.com azure.com msn.com bing.com google.com ' +
  'googleapis.com gstatic.com youtube.com apple.com icloud.com amazon.com amazonaws.com github.com githubusercontent.com gitlab.com bitbucket.org ' +
  'atlassian.com atlassian.net npmjs.org npmjs.com pypi.org maven.org docker.io docker.com kubernetes.io slack.com zoom.us webex.com cisco.com ' +
  'citrix.com vmware.com redhat.com ubuntu.com debian.org mozilla.org oracle.com sap.com salesforce.com service-now.com servicenow.com ' +
  'sharepoint.com onmicrosoft.com okta.com workday.com myworkday.com successfactors.com successfactors.eu zendesk.com adobe.com dell.com hp.com ' +
  'lenovo.com intel.com nvidia.com stackoverflow.com wikipedia.org w3.org apache.org spring.io openai.com anthropic.com stripe.com paypal.com ' +
  'dropbox.com box.com linkedin.com personio.de datev.de elster.de dingtalk.com feishu.cn aliyun.com aliyuncs.com qq.com weixin.qq.com baidu.com ' +
  'schema.org xmlsoap.org cloudflare.com letsencrypt.org';
const publicPlaces = new Set(PUBLIC.split(' '));
/** Parts of such addresses that are no customer's name. */
const GENERIC = new Set(
  'www login api docs support help status portal admin account accounts outlook teams mail smtp imap pop autodiscover hooks registry developer dev learn my app apps auth id cdn download downloads updates update graph management core blob queue table file vault s3 eu us web console cloud'.split(
    ' ',
  ),
);

const IN_URL = /(?<![a-z])[a-z][a-z0-9+.-]{1,24}:\/\/(?:[^\s/@]{0,200}@)?(?<gone>[^\s/:?#"'<>()[\]{}|\\,;@]{1,253})/gi;
const LABEL = '[a-z0-9](?:[a-z0-9\\-]{0,61}[a-z0-9])?';
const INSIDE = '(?:local|lan|corp|internal|intern|intra|intranet|home|localdomain|priv|private|ad|lokal)';
const DOMAIN = '(?:com|net|org|de|cn|fr|es|eu|uk|co|io|at|ch|it|nl|be|pl|us|ca|jp|info|biz|cloud|dev|app|example|test)';
const NAMED = new RegExp(
  String.raw`(?<![${WORDY}@.\\\-]|(?<!@\/)\/)(?:(?:${LABEL}\.){1,5}${INSIDE}|(?!(?:com|org|net|io|de|cn|java|javax)\.)(?:${LABEL}\.){2,5}${DOMAIN})(?![${WORDY}\-]|\.[\p{L}\p{N}]|\()`,
  'giv',
);
const SHARE = /(?<![\w\\])\\\\(?<gone>[a-z0-9][\w.-]{1,62})(?=\\)/gi;
const WINDOWS_DEFAULT = /(?<![\w-])(?:DESKTOP|LAPTOP|WIN)-(?=[A-Z0-9]{0,15}\d)[A-Z0-9]{6,15}(?![\w-])/gi;
const ROLE =
  'srv|svr|server|dc|sql|db|ora|pg|mysql|redis|web|app|mail|mx|exch|fs|nas|file|print|prn|prt|sw|rtr|fw|esx|vm|host|node|ws|pc|nb|lt|ts|rds|ctx|vdi|bck|backup|mon|ldap|k8s|gw|vpn|ftp|build|jump|term';
/** srv-fra-sql02, PC-MUC-0231; with digits alone after the role it may as well be an inventory number. */
const BY_ROLE = new RegExp(
  String.raw`(?<![\w.\/\\\-])(?:${ROLE})\d{0,3}(?:-[a-z][a-z0-9]{0,11}){0,3}-(?!v\d|rc\d|20\d\d)(?:[a-z]{1,8}\d{1,4}|(?<=-[a-z][a-z0-9]{0,11}-)\d{1,5})(?![\w\-]|\.\d)`,
  'gi',
);
/** srv01, fs02: counted with a zero, as only machines are. */
const SHORT =
  /(?<![\w./\\-])(?:srv|svr|dc|fs|nas|esxi?|ex|app|web|db|ts|rds|ctx|mail|file|print|mx)0\d{1,2}(?![\w-]|\.\d)/gi;
const LABELLED =
  /(?<![\w])(?:host ?name|host|computer ?name|computername|rechnername|workstation|machine name|server(?: ?name)?|nom du poste|data source|电脑名|计算机名|主机名)["']?(?:\s?[:=：]\s?|\s(?=[\w.]*-)|(?<=\p{L})\s?(?=[A-Z]+-))(?<gone>[a-z0-9][a-z0-9.-]{2,62})(?![\w])/giu;

/** Names of machines: they tell towns, projects and customers. */
export function* hostsIn(text: string): Generator<Span> {
  if (text.includes('://')) for (const span of spansOf(text, IN_URL, 'HOST')) yield* ownPart(span);
  if (text.includes('.')) for (const span of spansOf(text, NAMED, 'HOST')) yield* ownPart(span);
  if (text.includes('\\')) yield* spansOf(text, SHARE, 'HOST');
  for (const pattern of [WINDOWS_DEFAULT, BY_ROLE, SHORT]) yield* spansOf(text, pattern, 'HOST');
  for (const span of spansOf(text, LABELLED, 'HOST')) if (/[\d-]/.test(span.key)) yield* ownPart(span);
}

/** Of a customer's place at a known vendor only the customer's name; of a vendor's own nothing. */
function* ownPart(span: Span): Generator<Span> {
  const key = span.key.toLowerCase().replace(/\.+$/, '');
  if (/^[\d.]+$/.test(key) || key === 'localhost') return;
  const parts = key.split('.');
  const vendorAt = parts.findIndex((_part, index) => publicPlaces.has(parts.slice(index).join('.')));
  if (vendorAt === -1) {
    yield { ...span, end: span.start + key.length, key };
    return;
  }
  const own = parts.slice(0, vendorAt);
  const length = own.join('.').length;
  if (own.every((part) => GENERIC.has(part))) return;
  yield { ...span, end: span.start + length, key: own.join('.') };
}
