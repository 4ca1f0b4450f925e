import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { download } from '../../src/adapters/calendar/download.ts';
import { openaiEmbedder } from '../../src/adapters/openai/embedder.ts';
import { openaiModel } from '../../src/adapters/openai/model.ts';
import { PermanentError } from '../../src/domain/errors.ts';
import { PlaybookFileSchema } from '../../src/domain/playbook/playbook.ts';
import { questionWith } from '../support/model.ts';
import { type Section, without } from './checklist.ts';

/** Where requests of ours can be led. */
export async function reach(): Promise<Section> {
  return {
    title: 'Whom we ask',
    checks: [
      {
        name: 'a calendar in teams.yaml leads nowhere private, whatever it is called, and CALENDAR_HOSTS alone opens a way',
        run: calendars,
      },
      { name: 'a name that leads to a private address is refused when it is dialled', run: names },
      { name: 'a server for models or embeddings cannot send ticket text and keys on to another', run: models },
    ],
    [Symbol.asyncDispose]: async () => {},
  };
}

const PRIVATE = [
  'http://calendar.example.com/a.ics',
  'file:///etc/passwd',
  'https://169.254.169.254/latest/meta-data/',
  'https://127.0.0.1/a.ics',
  'https://10.0.0.7/a.ics',
  'https://192.168.1.1/a.ics',
  'https://0.0.0.0/a.ics',
  'https://2130706433/a.ics',
  'https://0x7f.1/a.ics',
  'https://[::1]/a.ics',
  'https://[::ffff:10.0.0.7]/a.ics',
  'https://[fd00::1]/a.ics',
  'https://localhost/a.ics',
  'https://user:word@calendar.example.com/a.ics',
];

async function calendars() {
  const reached: string[] = [];
  for (const address of PRIVATE) if (!(await isRefused(address))) reached.push(address);
  return without(reached, 'Look at src/adapters/calendar/addresses.ts.', `${PRIVATE.length} addresses`);
}

async function names() {
  const reached: string[] = [];
  for (const address of ['10.0.0.7', '127.0.0.1', '169.254.169.254', '::1', '100.64.0.1', '168.63.129.16'])
    if (!(await isRefused('https://calendar.example.com/a.ics', address))) reached.push(`a name for ${address}`);
  return without(reached, 'Look at src/adapters/calendar/addresses.ts.');
}

/** Refused for good, not merely out of reach. */
async function isRefused(address: string, leadsTo?: string): Promise<boolean> {
  const lookup = leadsTo && {
    lookup: (
      _host: string,
      _options: unknown,
      answer: (error: null, addresses: { address: string; family: number }[]) => void,
    ) => answer(null, [{ address: leadsTo, family: leadsTo.includes(':') ? 6 : 4 }]),
  };
  const error: unknown = await download(address, { allowedHosts: [], timeoutMs: 3_000, ...lookup }).catch(
    (thrown: unknown) => thrown,
  );
  return error instanceof PermanentError;
}

/**
 * Who runs the service names these servers in the environment, and they may well be private: most models that people run
 * themselves are. What they may not do is lead elsewhere.
 */
async function models() {
  const strays: string[] = [];
  await using elsewhere = await serving((request, response) => {
    strays.push(request.url ?? '');
    response.end('{}');
  });
  const { model: settings } = PlaybookFileSchema.parse({
    projects: ['IT'],
    targets: {},
    model: { prompt: 'p', endpoints: { main: { retries: 0 } } },
  });
  for (const status of [301, 302, 303, 307, 308]) {
    await using server = await serving((request, response) => {
      request.resume();
      response.writeHead(status, { location: `${elsewhere.url}/${status}` }).end();
    });
    const access = { baseUrl: server.url, apiKey: 'key', model: 'mini' };
    if (settings)
      await openaiModel({ ...access, endpoint: 'main', settings: settings.endpoints.main })
        .complete(questionWith())
        .catch(() => null);
    await openaiEmbedder(access)
      .embed(['text'])
      .catch(() => null);
  }
  return without(strays, 'Look at src/adapters/openai/stay.ts.');
}

async function serving(app: RequestListener) {
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
