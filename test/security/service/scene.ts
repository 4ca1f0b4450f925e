import { createHmac } from 'node:crypto';
import { startModelServer } from '../../fakes/model/server.ts';
import { type Admin, adminOf } from '../../support/admin.ts';
import { ADMIN_TOKEN, WEBHOOK_SECRET } from '../../support/env.ts';
import { rawRequest, statusOf } from '../../support/fuzz/socket.ts';
import { type Service, startService } from '../../support/service.ts';
import { type TestStage, testStage } from '../../support/stage.ts';

export const MODEL_KEY = 'sk-model-key-0123456789abcdef0123456789abcdef';

/** The whole service on a simulated site, and what it says. */
export interface Scene extends AsyncDisposable {
  readonly stage: TestStage;
  readonly service: Service;
  readonly admin: Admin;
  /** All that it wrote so far, at the lowest level there is. */
  readonly log: () => string;
  /** The status that a request is answered with, its header lines as they are. */
  ask(lines: Asked, body?: string): Promise<number | null>;
}

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: readonly string[];
}

/** Of the body's bytes, under the secret that the service knows. */
export function signature(body: string): string {
  return `x-hub-signature: sha256=${createHmac('sha256', WEBHOOK_SECRET).update(body).digest('hex')}`;
}

export async function openScene(): Promise<Scene> {
  await using opened = new AsyncDisposableStack();
  const stage = opened.use(await testStage({ history: [] }));
  const model = opened.use(await startModelServer());
  const written: string[] = [];
  const env = { ...stage.env, LOG_LEVEL: 'trace', OPENAI_BASE_URL: model.url, OPENAI_API_KEY: MODEL_KEY };
  const service = opened.use(await startService(env, 'all-in-one', (text) => written.push(text)));
  const port = Number(new URL(service.url).port);
  const closing = opened.move();
  return {
    stage,
    service,
    admin: adminOf(service.opsUrl, ADMIN_TOKEN),
    log: () => written.join(''),
    ask: ({ headers = [], ...line }, body = '') => {
      const bytes = Buffer.from(body);
      const length = headers.some((header) => header.startsWith('content-length:'))
        ? []
        : [`content-length: ${bytes.length}`];
      return statusOf(port, rawRequest({ ...line, headers: [...headers, ...length] }, bytes));
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}
