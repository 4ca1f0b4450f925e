import { createHmac } from 'node:crypto';
import { ADMIN_TOKEN, WEBHOOK_SECRET } from '../../support/env.ts';
import { type Check, type Result, type Section, without } from '../checklist.ts';
import { openScene, type Scene, signature } from './scene.ts';

const BODY = '{"webhookEvent":"jira:issue_created","issue":{"id":"1","key":"IT-1"}}';
const MB = 1024 * 1024;
const HEX = createHmac('sha256', WEBHOOK_SECRET).update(BODY).digest('hex');

/** What may come in, and how. */
export async function doors(): Promise<Section> {
  const scene = await openScene();
  // It takes as long as the service is patient; meanwhile the others are looked at.
  const slow = scene.ask({ headers: [signature(BODY), 'content-length: 100'] }, '{"webhookEvent":');
  slow.catch(() => {});
  return {
    title: 'Webhooks and pages',
    checks: [...signatureChecks(scene), ...bodyChecks(scene, slow), ...pageChecks(scene)],
    [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose](),
  };
}

type Expected = readonly (readonly [what: string, status: Promise<number | null>, expected: readonly number[]])[];

/** Holds where all are answered as they should be. */
async function answered(expected: Expected): Promise<Result> {
  const troubles: string[] = [];
  for (const [what, asked, statuses] of expected) {
    const status = await asked;
    if (status === null || !statuses.includes(status))
      troubles.push(`${what} is answered ${status}, not ${statuses.join(' or ')}`);
  }
  return without(troubles, 'Look at src/intake/app.ts.');
}

function signatureChecks({ ask }: Scene): readonly Check[] {
  const signed = (value: string) => ask({ headers: [`x-hub-signature: ${value}`] }, BODY);
  const sha1 = createHmac('sha1', WEBHOOK_SECRET).update(BODY).digest('hex');
  return [
    {
      name: 'a webhook that is signed as it should be is taken',
      run: () => answered([['it', ask({ headers: [signature(BODY)] }, BODY), [202]]]),
    },
    { name: 'without a signature it is not', run: () => answered([['it', ask({}, '{}'), [401]]]) },
    {
      name: 'nor with an empty one, one by SHA-1, one in capitals, or two',
      run: () =>
        answered([
          ['sha256=', signed('sha256='), [401]],
          ['an empty header', signed(''), [401]],
          ['SHA-1', signed(`sha1=${sha1}`), [401]],
          ['capitals', signed(`sha256=${HEX.toUpperCase()}`), [401]],
          ['two', ask({ headers: [signature(BODY), signature(BODY)] }, BODY), [401]],
        ]),
    },
    {
      name: 'nor with one of the same JSON written with a space more: the bytes count',
      run: () => answered([['it', ask({ headers: [signature(BODY)] }, BODY.replace(':', ': ')), [401]]]),
    },
    {
      name: 'nor with 63 or 65 digits, and that is no error of ours',
      run: () =>
        answered([
          ['63', signed(`sha256=${HEX.slice(1)}`), [401]],
          ['65', signed(`sha256=${HEX}0`), [401]],
        ]),
    },
  ];
}

function bodyChecks({ ask }: Scene, slow: Promise<number | null>): readonly Check[] {
  const send = (body: string, more: readonly string[] = []) => ask({ headers: [signature(body), ...more] }, body);
  return [
    {
      name: 'a body that is too large is turned away before it is read, and unsigned ones are not read at all',
      run: () =>
        answered([
          ['26 MB', ask({ headers: [signature(BODY), `content-length: ${26 * MB}`] }, '{'), [413]],
          ['26 MB without a signature', ask({ headers: [`content-length: ${26 * MB}`] }, '{'), [401]],
        ]),
    },
    {
      name: 'a compressed body is not unpacked',
      run: () => answered([['gzip', send(BODY, ['content-encoding: gzip']), [415]]]),
    },
    {
      name: 'a body with __proto__, with a key twice, or deeper than any is no error of ours',
      run: () =>
        answered([
          ['{"__proto__":{}}', send('{"__proto__":{}}'), [400]],
          ['keys twice', send(BODY.replace('{"id"', '{"id":"x","id"')), [202]],
          ['a million brackets', send('['.repeat(MB)), [400]],
          ['no UTF-8', send('{"webhookEvent":"\ud800"'), [400]],
        ]),
    },
    { name: 'a body that does not come is not waited for', run: () => answered([['it', slow, [408]]]) },
    {
      name: 'only POST is answered there',
      run: () =>
        answered(
          ['GET', 'HEAD', 'PUT', 'DELETE', 'TRACE', 'OPTIONS'].map(
            (method) => [method, ask({ method, path: '/webhooks/jira' }), [404, 405]] as const,
          ),
        ),
    },
  ];
}

function pageChecks({ ask, service }: Scene): readonly Check[] {
  const paths = ['/metrics', '/admin', '/admin/status', '/openapi.json', '/console', '/.env', '/..%2fadmin/status'];
  return [
    {
      name: 'metrics, /admin and descriptions of our API are not on the port of webhooks',
      run: () =>
        answered(
          paths.map(
            (path) =>
              [path, ask({ method: 'GET', path, headers: [`authorization: Bearer ${ADMIN_TOKEN}`] }), [404]] as const,
          ),
        ),
    },
    {
      name: '/admin wants its token, whole and exact',
      run: async () => {
        const wanted = async (authorization?: string) =>
          (
            await fetch(
              `${service.opsUrl}/admin/status`,
              authorization === undefined ? {} : { headers: { authorization } },
            )
          ).status;
        return answered([
          ['no token', wanted(), [401]],
          ['an empty one', wanted('Bearer '), [401]],
          ['a letter less', wanted(`Bearer ${ADMIN_TOKEN.slice(1)}`), [401]],
          ['another scheme', wanted(`Basic ${ADMIN_TOKEN}`), [401]],
          ['the token', wanted(`Bearer ${ADMIN_TOKEN}`), [200]],
        ]);
      },
    },
    {
      name: 'pages forbid browsers what they need not do, and do not say what they run on',
      run: async () => {
        const urls = [
          `${service.url}/healthz`,
          `${service.url}/nothing`,
          `${service.opsUrl}/healthz`,
          `${service.opsUrl}/admin/status`,
        ];
        const troubles = await Promise.all(urls.map(async (url) => headerTroubles(url, (await fetch(url)).headers)));
        return without(troubles.flat(), 'Look at helmet in src/intake/app.ts and src/admin/app.ts.');
      },
    },
  ];
}

function headerTroubles(url: string, headers: Headers): readonly string[] {
  const path = new URL(url).pathname;
  const policy = headers.get('content-security-policy') ?? '';
  return [
    /default-src '(self|none)'/.test(policy) ? [] : [`${path} has no default-src`],
    /frame-ancestors '(self|none)'/.test(policy) ? [] : [`${path} may be framed`],
    headers.get('x-content-type-options') === 'nosniff' ? [] : [`${path} may be sniffed`],
    headers.has('x-powered-by') ? [`${path} says what it runs on`] : [],
  ].flat();
}
