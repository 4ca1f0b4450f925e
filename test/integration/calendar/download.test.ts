import { describe, expect, test } from 'vitest';
import { addressFault, download, type WebAccess } from '../../../src/adapters/calendar/download.ts';
import { PermanentError, TransientError } from '../../../src/domain/errors.ts';
import { CERTIFICATE, calendarHost, everyNameIsHere } from './support.ts';

const SECRET = 'private-0123456789abcdef';

const access = (parts: Partial<WebAccess> = {}): WebAccess => ({
  allowedHosts: ['calendar.example'],
  ca: CERTIFICATE,
  lookup: everyNameIsHere,
  ...parts,
});

/** How a download failed, after holding that nothing of the secret address is told. */
async function failure(coming: Promise<string>): Promise<Error> {
  const error: unknown = await coming.catch((thrown: unknown) => thrown);
  if (!(error instanceof Error)) throw new Error('it did not fail');
  expect(`${error.message} ${JSON.stringify(error)} ${String(error.cause ?? '')}`).not.toContain(SECRET);
  return error;
}

describe('a calendar on the web', () => {
  test('is read over https', async () => {
    await using host = await calendarHost((_, response) => response.end('Kalender 日历'));
    expect(await download(`https://calendar.example:${host.port}/${SECRET}/basic.ics`, access())).toBe('Kalender 日历');
    expect(host.asked).toEqual([`/${SECRET}/basic.ics`]);
  });

  test('is not read from a host whose certificate nobody vouches for', async () => {
    await using host = await calendarHost((_, response) => response.end('text'));
    const { ca: _, ...untrusting } = access();
    const error = await failure(download(`https://calendar.example:${host.port}/${SECRET}`, untrusting));
    expect(error).toEqual(new TransientError(`calendar.example:${host.port} cannot be reached`));
    expect(host.asked).toEqual([]);
  });

  test.each([
    [401, TransientError],
    [404, TransientError],
    [503, TransientError],
    [204, TransientError],
  ])('that answers %i is told with its host alone', async (status, kind) => {
    await using host = await calendarHost((_, response) => response.writeHead(status).end());
    const error = await failure(download(`https://calendar.example:${host.port}/${SECRET}`, access()));
    expect(error).toEqual(new kind(`calendar.example:${host.port} answered ${status}`));
  });

  test('may be 5 MB and no more, whatever its length claims to be', async () => {
    const megabyte = 'x'.repeat(1024 * 1024);
    await using host = await calendarHost((request, response) => {
      for (let sent = 0; sent < (request.url === '/much' ? 6 : 5); sent++) response.write(megabyte);
      response.end();
    });
    const at = `https://calendar.example:${host.port}`;
    expect(await download(`${at}/enough`, access())).toHaveLength(5 * 1024 * 1024);
    expect(await failure(download(`${at}/much`, access()))).toEqual(
      new PermanentError(`calendar.example:${host.port} sent more than 5 MB`),
    );
  });

  test('is given up when the answer takes too long to begin, to end, or the name is never found', async () => {
    await using host = await calendarHost((request, response) => {
      if (request.url === '/slowly') response.write('BEGIN:');
    });
    const hasty = { timeoutMs: 150 };
    for (const path of ['never', 'slowly']) {
      const error = await failure(download(`https://calendar.example:${host.port}/${path}`, access(hasty)));
      expect(error).toEqual(new TransientError(`calendar.example:${host.port} did not answer in time`));
    }
    const lost = download(`https://calendar.example/${SECRET}`, access({ ...hasty, lookup: () => {} }));
    expect(await failure(lost)).toEqual(new TransientError('calendar.example did not answer in time'));
  });

  test('is given up when the host breaks off', async () => {
    await using host = await calendarHost((_, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('BEGIN:VCALENDAR', () => response.destroy());
    });
    const error = await failure(download(`https://calendar.example:${host.port}/${SECRET}`, access()));
    expect(error).toEqual(new TransientError(`calendar.example:${host.port} cannot be reached`));
  });
});

describe('private addresses', () => {
  test('are refused when a public name leads there', async () => {
    await using host = await calendarHost((_, response) => response.end('text'));
    const error = await failure(
      download(`https://calendar.example:${host.port}/${SECRET}`, access({ allowedHosts: [] })),
    );
    expect(error).toBeInstanceOf(PermanentError);
    expect(error.message).toBe(
      `calendar.example:${host.port} leads to a private address; name it in CALENDAR_HOSTS if that is meant`,
    );
    expect(host.asked).toEqual([]);
  });

  test('are refused by the one answer that is dialled, so that a name cannot change its mind in between', async () => {
    await using host = await calendarHost((_, response) => response.end('text'));
    let questions = 0;
    const rebinding: WebAccess['lookup'] = (name, options, answer) => {
      questions += 1;
      if (questions === 1) return everyNameIsHere(name, options, answer);
      answer(null, [{ address: '1.1.1.1', family: 4 }]);
    };
    const coming = download(`https://calendar.example:${host.port}/`, access({ allowedHosts: [], lookup: rebinding }));
    expect((await failure(coming)).message).toContain('leads to a private address');
    expect(questions).toBe(1);
    expect(host.asked).toEqual([]);
  });

  test.each([
    'https://127.0.0.1/',
    'https://127.1/',
    'https://0x7f000001/',
    'https://2130706433/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://169.254.169.254/latest/meta-data/',
    'https://[fd00:ec2::254]/',
    'https://100.64.0.1/',
  ])('are refused when written as they are: %s', async (address) => {
    const error = await failure(download(address, access({ allowedHosts: [], timeoutMs: 500 })));
    expect(error.message).toContain('leads to a private address');
  });

  test('can be allowed, by name or as they are', async () => {
    await using host = await calendarHost((_, response) => response.end('text'));
    const allowed = access({ allowedHosts: ['127.0.0.1'] });
    expect(await download(`https://127.0.0.1:${host.port}/`, allowed)).toBe('text');
    expect((await failure(download(`https://calendar.example:${host.port}/`, allowed))).message).toContain('private');
  });
});

describe('a redirect', () => {
  const redirecting = (location: (port: string) => string | undefined) =>
    calendarHost((request, response) => {
      if (request.url === '/end') return void response.end('text');
      const target = location(request.headers.host?.split(':')[1] ?? '');
      response.writeHead(302, target === undefined ? {} : { location: target }).end('moved');
    });

  test('is followed to where the first address may lead too', async () => {
    await using host = await redirecting(() => '/end');
    expect(await download(`https://calendar.example:${host.port}/start`, access())).toBe('text');
  });

  test('to a private address is refused', async () => {
    await using host = await redirecting((port) => `https://other.example:${port}/end`);
    const error = await failure(download(`https://calendar.example:${host.port}/${SECRET}`, access()));
    expect(error.message).toContain(`other.example:${host.port} leads to a private address`);
    expect(host.asked).toHaveLength(1);
  });

  test.each([
    ['https://10.0.0.1/end', 'leads to a private address'],
    ['http://calendar.example/end', 'the address begins with http://; write https://'],
    ['https://me:pass@calendar.example/end', 'holds a user name or password'],
    ['file:///etc/passwd', 'the address begins with file://'],
    ['https://', 'redirects nowhere'],
  ])('to %s is refused', async (target, why) => {
    await using host = await redirecting(() => target);
    const error = await failure(download(`https://calendar.example:${host.port}/${SECRET}`, access()));
    expect(error.message).toContain(why);
  });

  test('to nowhere, or in a circle, is given up', async () => {
    await using nowhere = await redirecting(() => undefined);
    const lost = await failure(download(`https://calendar.example:${nowhere.port}/${SECRET}`, access()));
    expect(lost.message).toBe(`calendar.example:${nowhere.port} redirects nowhere`);
    await using circle = await redirecting(() => `/${SECRET}`);
    const dizzy = await failure(download(`https://calendar.example:${circle.port}/${SECRET}`, access()));
    expect(dizzy.message).toBe(`calendar.example:${circle.port} redirects too often`);
    expect(circle.asked).toHaveLength(4);
  });
});

test.each([
  ['https://calendar.example/a.ics', null],
  ['http://calendar.example/a.ics', 'begins with http://; write https://'],
  ['webcal://calendar.example/a.ics', 'begins with webcal://; write https://'],
  ['https://ann:secret@calendar.example/', 'holds a user name or password; use an address that needs none'],
  ['https://', 'is not an address; write https://…, or the name of a file in the config folder'],
])('the address %s is judged by how it is written', (address, fault) => {
  expect(addressFault(address)).toBe(fault);
});
