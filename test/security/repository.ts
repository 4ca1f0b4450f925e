import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import { MisconfiguredError } from '../../src/domain/errors.ts';
import { secretsIn } from '../../src/privacy/shapes/secrets.ts';
import { readSettings } from '../../src/settings/env.ts';
import { loadPlaybook } from '../../src/settings/playbook-store.ts';
import { serviceEnv } from '../support/env.ts';
import { type Check, holds, notHere, type Section, without } from './checklist.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const fileText = (name: string) => readFileSync(join(ROOT, name), 'utf8');

/** Variables that hold secrets, all of them. */
const SECRETS = [
  'JIRA_API_TOKEN',
  'WEBHOOK_SECRETS',
  'AUTOMATION_SECRET',
  'ADMIN_TOKEN',
  'OPENAI_API_KEY',
  'FALLBACK_API_KEY',
  'QDRANT_API_KEY',
  'DATABASE_URL',
  'REDIS_URL',
];

/** What lies in Git, and how the image is built and run. */
export async function repository(): Promise<Section> {
  return { title: 'Repository, image and settings', checks: CHECKS, [Symbol.asyncDispose]: async () => {} };
}

const CHECKS: readonly Check[] = [
  {
    name: 'no file in Git holds a key, a token or a private key, but for the invented ones of tests',
    run: async () => {
      const files = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' }).split('\0');
      const looked = files.filter((file) => file !== '' && existsSync(join(ROOT, file)) && !isInvented(file));
      const found = looked.filter((file) => keysIn(fileText(file)).length > 0);
      return without(found, 'Revoke it, then take it out of the history.', `${looked.length} files`);
    },
  },
  {
    name: 'actions are pinned by their commit',
    run: async () => {
      const folder = join(ROOT, '.github/workflows');
      if (!existsSync(folder)) return notHere('there are no workflows; .ci/run is a script');
      const loose = readdirSync(folder).filter((file) =>
        /uses: [^@\s]+@(?![0-9a-f]{40}\b)/.test(fileText(`.github/workflows/${file}`)),
      );
      return without(loose, 'Write uses: owner/action@<40 digits of the commit>.');
    },
  },
  {
    name: 'the image runs as a number that is not root, on a named base, with a health check and nothing secret',
    run: image,
  },
  { name: 'Compose runs us read-only, without capabilities, reachable from this machine only', run: compose },
  {
    name: 'a secret comes from the environment or a file that it names, and each may come from a file',
    run: fromFiles,
  },
  { name: 'no secret can come from config/: there is no place for one', run: noPlaceInConfig },
  { name: '.env.example holds no secret, and Git ignores .env', run: exampleEnv },
  {
    name: 'the image and its signature (cosign, attestations, trivy)',
    run: async () => notHere('they need a registry and a published image'),
  },
  {
    name: 'the repository itself (Scorecard, published provenance)',
    run: async () => notHere('they look at GitHub and at npm'),
  },
];

/** Made up for tests, or made of checksums. */
function isInvented(file: string): boolean {
  return file.startsWith('test/') || file === 'package-lock.json';
}

/** Those that tell by their shape whose they are; not `password` in a sentence about passwords. */
function keysIn(text: string): readonly string[] {
  return [...secretsIn(text)].map(({ key }) => key).filter((key) => key.length >= 16 && !key.startsWith('$'));
}

async function image() {
  const lines = fileText('Dockerfile').split('\n');
  const first = (word: string) => lines.findLast((line) => line.startsWith(word)) ?? '';
  const troubles = [
    /^USER [1-9]\d*(:\d+)?$/.test(first('USER ')) ? '' : 'USER is not a number above 0',
    /^ARG NODE_IMAGE=\S+:\d+\S*$/.test(first('ARG NODE_IMAGE')) ? '' : 'ARG NODE_IMAGE names no version',
    lines.every((line) => !line.startsWith('FROM ') || line.startsWith(`FROM \${NODE_IMAGE}`))
      ? ''
      : 'a stage has another base',
    lines.some((line) => /^(ARG|ENV|\s+)\s*\w*(SECRET|TOKEN|PASSWORD|_KEY)\w*\s*=/.test(line))
      ? 'a secret is part of the image'
      : '',
    first('HEALTHCHECK ') === '' ? 'there is no HEALTHCHECK' : '',
    lines.every((line) => !/npm (ci|install)/.test(line) || line.includes('--ignore-scripts'))
      ? ''
      : 'npm runs scripts',
    lines.some((line) => /^ADD |COPY \. /.test(line)) ? 'it copies more than it names' : '',
    fileText('.dockerignore').split('\n').includes('*') ? '' : '.dockerignore does not begin with nothing',
  ];
  return without(
    troubles.filter((one) => one !== ''),
    'Mend the Dockerfile.',
  );
}

const Service = z.looseObject({
  read_only: z.boolean().default(false),
  privileged: z.boolean().default(false),
  cap_drop: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  build: z.unknown().optional(),
});
const Compose = z.looseObject({ services: z.record(z.string(), Service) });

async function compose() {
  const { services } = Compose.parse(parse(fileText('deploy/compose.yaml'), { merge: true }));
  const troubles = Object.entries(services).flatMap(([name, it]) => [
    ...(it.build !== undefined && !it.read_only ? [`${name} can write to its root`] : []),
    ...(it.cap_drop.includes('ALL') ? [] : [`${name} keeps capabilities`]),
    ...(it.security_opt.includes('no-new-privileges:true') ? [] : [`${name} may gain privileges`]),
    ...(it.privileged || it.volumes.some((volume) => volume.includes('docker.sock'))
      ? [`${name} has the whole machine`]
      : []),
    ...it.ports
      .filter((port) => !/^(127\.0\.0\.1|\$\{\w+:-127\.0\.0\.1)/.test(port))
      .map((port) => `${name} opens ${port}`),
  ]);
  return without(troubles, 'Mend deploy/compose.yaml.', `${Object.keys(services).length} services`);
}

async function fromFiles() {
  const folder = mkdtempSync(join(tmpdir(), 'triage-secrets-'));
  try {
    const values: Readonly<Record<string, string>> = {
      DATABASE_URL: 'postgres://triage:of-the-file@db/triage',
      REDIS_URL: 'redis://triage:of-the-file@queue:6379/0',
    };
    const unread = SECRETS.filter((name) => {
      const file = join(folder, name);
      writeFileSync(file, `${values[name] ?? `of-the-file-${'x'.repeat(32)}`}\n`);
      const all: Record<string, string> = {
        ...serviceEnv('https://acme.atlassian.net', '.data'),
        QDRANT_URL: 'https://qdrant:6333',
      };
      const { [name]: _, ...env } = all;
      return !JSON.stringify(readSettings({ ...env, [`${name}_FILE`]: file })).includes('of-the-file');
    });
    return without(
      unread.map((name) => `${name}_FILE is not read`),
      'Every setting goes through settings/env/parse.ts.',
      `${SECRETS.length} variables`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Names under which people would try, at places where a file has keys of its own. */
const TEMPTING = ['apiKey', 'api_key', 'token', 'secret', 'password', ...SECRETS];
const PLACES = [
  ['playbook.yaml', (key: string) => ({ [key]: 'x' })],
  ['playbook.yaml', (key: string) => ({ model: { prompt: 'prompts/triage.yaml', [key]: 'x' } })],
  [
    'playbook.yaml',
    (key: string) => ({ model: { prompt: 'prompts/triage.yaml', endpoints: { main: { [key]: 'x' } } } }),
  ],
  ['playbook.yaml', (key: string) => ({ writeBack: { [key]: 'x' } })],
  ['teams.yaml', (key: string) => ({ [key]: 'x' })],
  ['prompts/triage.yaml', (key: string) => ({ [key]: 'x' })],
] as const;

async function noPlaceInConfig() {
  const folder = mkdtempSync(join(tmpdir(), 'triage-config-'));
  try {
    const taken = PLACES.flatMap(([file, add]) =>
      TEMPTING.filter((key) => {
        cpSync(join(ROOT, 'config'), folder, { recursive: true });
        const shipped: unknown = parse(fileText(`config/${file}`));
        writeFileSync(join(folder, file), JSON.stringify(Object.assign({}, shipped, add(key))));
        return isTaken(folder);
      }).map((key) => `${file} takes ${key}`),
    );
    const configFiles = readdirSync(join(ROOT, 'config'), { recursive: true, encoding: 'utf8' }).filter((file) =>
      /\.\w+$/.test(file),
    );
    const holding = configFiles
      .filter((file) => keysIn(fileText(`config/${file}`)).length > 0)
      .map((file) => `${file} holds a key`);
    return without([...taken, ...holding], 'Schemas of config/ are strict, and secrets belong into the environment.');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function isTaken(folder: string): boolean {
  try {
    loadPlaybook(folder, 'a-commit');
    return true;
  } catch (error) {
    if (error instanceof MisconfiguredError) return false;
    throw error;
  }
}

async function exampleEnv() {
  const set = fileText('.env.example')
    .split('\n')
    .filter((line) => SECRETS.some((name) => line.startsWith(`${name}=`) && line !== `${name}=`));
  const ignored = fileText('.gitignore').split('\n').includes('.env') ? [] : ['Git takes .env'];
  return set.length + ignored.length === 0
    ? holds()
    : without([...set.map((line) => line.split('=')[0] ?? ''), ...ignored], 'Leave the values out.');
}
