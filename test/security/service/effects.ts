import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { botCredentials } from '../../fakes/jira/options.ts';
import { ADMIN_TOKEN, AUTOMATION_SECRET, WEBHOOK_SECRET } from '../../support/env.ts';
import { broken, type Check, holds, type Section, without } from '../checklist.ts';
import { MODEL_KEY, openScene, type Scene, signature } from './scene.ts';

const CANARY = 'CANARY-of-the-ticket';
const SECRETS = [botCredentials.apiToken, WEBHOOK_SECRET, AUTOMATION_SECRET, ADMIN_TOKEN, MODEL_KEY];

/** What comes of a ticket, of the same ticket again, and where its words are then. */
export async function effects(): Promise<Section> {
  const scene = await openScene();
  const { key } = await scene.stage.site.createIssue({
    projectKey: 'IT',
    issueType: 'Incident',
    summary: `reported with the phishing button ${CANARY}`,
    description: `password: ${CANARY}-hunter2`,
  });
  await settled(scene);
  return {
    title: 'What comes of a ticket',
    checks: [replayed(scene, key), silent(scene, key), unwritten(scene, key)],
    [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose](),
  };
}

async function settled({ stage, admin }: Scene): Promise<void> {
  await stage.site.webhooks.flush();
  await admin.idle({ timeoutMs: 45_000 });
}

function replayed(scene: Scene, key: string): Check {
  const { site } = scene.stage;
  const writes = () => site.requests.count({ method: 'PUT' }) + site.edits(key).length;
  return {
    name: 'a signed body that is sent again under other identifiers changes nothing in Jira',
    run: async () => {
      const [delivery] = site.webhooks.deliveries().filter(({ issueKey }) => issueKey === key);
      const body = site.webhooks.body(delivery?.id ?? '')?.toString();
      if (body === undefined || site.edits(key).length === 0)
        return broken('the ticket was not even edited once; look at this check');
      const before = writes();
      const statuses = await Promise.all(
        ['one', 'two', 'three'].map((id) =>
          scene.ask({ headers: [signature(body), `x-atlassian-webhook-identifier: ${id}`] }, body),
        ),
      );
      await settled(scene);
      const more = writes() - before;
      if (statuses.some((status) => status !== 202))
        return broken(`it is answered ${statuses.join(', ')}, and Jira would send it again`);
      return more === 0
        ? holds(`${before} before and after`)
        : broken(`${more} more writes; look at src/intake/receive.ts`);
    },
  };
}

/** A longer story, through refusals and faults, is told in test/integration/telemetry/canaries.test.ts. */
function silent({ log, service, stage: { site } }: Scene, key: string): Check {
  const disguised = SECRETS.map((secret) => Buffer.from(secret).toString('base64'));
  return {
    name: 'no word of the ticket and no secret is in the log, in metrics, or in what we wrote to Jira',
    run: async () => {
      const metrics = await (await fetch(`${service.opsUrl}/metrics`)).text();
      const written = JSON.stringify([site.edits(key), site.requests.list({ method: 'POST', path: /comment/ })]);
      const places = Object.entries({ 'the log': log(), metrics, Jira: written });
      const found = places.flatMap(([place, text]) => [
        ...(text === '' ? [`${place} is empty; look at this check`] : []),
        ...(text.includes(CANARY) ? [`${place} repeats the ticket`] : []),
        ...([...SECRETS, ...disguised].some((secret) => text.includes(secret)) ? [`${place} holds a secret`] : []),
      ]);
      return without(found, 'Look at src/telemetry/log.ts.', `${log().split('\n').length} lines at LOG_LEVEL=trace`);
    },
  };
}

/** There is no store of tokens: ADMIN_TOKEN is compared by its SHA-256 and kept nowhere. */
function unwritten({ service, stage }: Scene, key: string): Check {
  return {
    name: 'no secret is in the database',
    run: async () => {
      await service.stop();
      const folder = stage.env['DATA_DIR'] ?? '';
      const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      const bytes = files.map((entry) => readFileSync(join(entry.parentPath, entry.name)));
      if (!bytes.some((one) => one.includes(key)))
        return broken('not even the ticket was found there; look at this check');
      const found = SECRETS.filter((secret) => bytes.some((one) => one.includes(secret)));
      // By their fingerprints: this output is kept.
      const named = found.map((secret) => createHmac('sha256', 'name').update(secret).digest('hex').slice(0, 8));
      return without(named, 'Look at what is stored with deliveries and jobs.', `${files.length} files`);
    },
  };
}
