import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RateLimitedError, TransientError } from '../../../../src/domain/errors.ts';
import { freePort } from '../../../support/port.ts';
import { areInstalled, type RedisServer, startRedis } from '../../../support/redis-server.ts';
import { triageJob } from '../yards.ts';
import { openDesk } from './support.ts';

const run = promisify(execFile);

/** What the README tells operators to type, behind `ACL SETUSER`. */
const RIGHTS =
  'triage on >secret resetkeys ~triage:* resetchannels -@all +@read +@write +@connection +@transaction ' +
  '+eval +evalsha +script|exists +script|load +time -@dangerous +info';

describe.skipIf(!areInstalled(['redis-server', 'redis-cli'], 'an ACL user of Redis'))('a user of its own', () => {
  test('needs no more rights than the README names', async () => {
    await using redis = await startRedis({ config: [`user ${RIGHTS}`] });
    await using desk = openDesk(redis.url.replace('//', '//triage:secret@'));
    await desk.backend.prepare();
    const { publisher } = desk.context;
    await publisher.schedule('requeue', 60_000);
    const jobs = Array.from({ length: 10 }, (_, index) => triageJob({ issueId: String(index) }));
    const [slow, limited, late, behind, ...others] = jobs;
    if (!slow || !limited || !late || !behind) throw new Error('no jobs');
    const seen = new Set<string>();
    await using worker = desk.startWorker(async ({ issueId }) => {
      if (seen.has(issueId)) return;
      seen.add(issueId);
      if (issueId === slow.issueId) throw new TransientError('later');
      if (issueId === limited.issueId) throw new RateLimitedError('later', { retryAfterMs: 100, scope: 'site' });
    });
    await publisher.publish('triage', [slow, limited]);
    await publisher.publish('triage', others);
    await publisher.publish('triage', [late], { delayMs: 100, urgency: 'ahead' });
    await publisher.publish('triage', [behind], { urgency: 'behind', isRevival: true });
    await expect.poll(() => worker.runs.length, { timeout: 10_000 }).toBe(12);
    await publisher.trimEvents(10);
    await publisher.depths();
    expect(desk.reports).toEqual([]);
    expect(await redis.cli('acl', 'log')).toBe('');
  });
});

describe.skipIf(!areInstalled(['redis-server', 'redis-cli', 'openssl'], 'Redis over TLS'))('an encrypted Redis', () => {
  let folder: string;
  let redis: RedisServer;
  let ca: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'triage-tls-'));
    await makeCertificates(folder);
    ca = await readFile(join(folder, 'ca.pem'), 'utf8');
    const port = await freePort();
    const files = ['tls-cert-file server.pem', 'tls-key-file server.key', 'tls-ca-cert-file ca.pem'];
    redis = await startRedis({
      port,
      config: [
        'port 0',
        `tls-port ${port}`,
        'tls-auth-clients no',
        ...files.map((line) => line.replace(' ', ` ${folder}/`)),
      ],
      login: ['--tls', '--cacert', join(folder, 'ca.pem'), '-h', 'localhost'],
    });
  });
  afterAll(async () => {
    await redis[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  const urlOn = (host: string) => `rediss://${host}:${redis.port}`;

  test.each([
    ['by its name', 'localhost', {}],
    ['by number, when the name in its certificate is given', '127.0.0.1', { REDIS_SERVERNAME: 'localhost' }],
  ])('is used %s', async (_how, host, env) => {
    await using desk = openDesk(urlOn(host), { REDIS_CA: ca, ...env });
    await desk.backend.prepare();
    expect(desk.reports).toEqual([]);
    await using worker = desk.startWorker();
    const job = triageJob();
    await desk.publish(job);
    await expect.poll(() => worker.runs, { timeout: 5_000 }).toEqual([job]);
  });

  test.each([
    ['signed by nobody known', 'localhost', false],
    ['made for another name', '127.0.0.1', true],
  ])('is not spoken to when its certificate is %s', async (_why, host, hasCa) => {
    await using desk = openDesk(urlOn(host), hasCa ? { REDIS_CA: ca } : {});
    await desk.backend.prepare();
    expect(desk.reports).toEqual([expect.stringMatching(/cannot be reached yet.*certificate/)]);
    await expect(desk.publish(triageJob())).rejects.toThrow(TransientError);
  });
});

/** A signer, and a certificate of theirs for `localhost`. */
async function makeCertificates(folder: string): Promise<void> {
  const openssl = (...words: string[]) => run('openssl', words, { cwd: folder });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  await openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Test CA');
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-addext', 'subjectAltName=DNS:localhost'];
  await openssl(
    'req',
    '-x509',
    ...key,
    ...signed,
    '-keyout',
    'server.key',
    '-out',
    'server.pem',
    '-subj',
    '/CN=localhost',
  );
}
