import { openaiModel } from '../../../../src/adapters/openai/model.ts';
import type { Model } from '../../../../src/domain/ports/model.ts';
import type { Brain } from '../../../fakes/model/brain/brain.ts';
import { type ModelServer, startModelServer } from '../../../fakes/model/server.ts';

/** A simulated endpoint whose model says what it likes, whatever the schema, behind the service's own client. */
export interface Simulated extends AsyncDisposable {
  readonly model: Model;
  readonly server: ModelServer;
}

const SETTINGS = {
  profile: 'openai',
  concurrency: 32,
  retries: 0,
  breaker: { faults: 1_000, seconds: 1 },
  price: { input: 0, output: 0 },
} as const;

export async function simulated(brain: 'reader' | 'obedient' | Brain): Promise<Simulated> {
  const server = await startModelServer({ brain, enforce: false, requestLogSize: 20_000 });
  const access = { endpoint: 'main', baseUrl: server.url, apiKey: 'a-key', model: 'large' } as const;
  return {
    server,
    model: openaiModel({ ...access, settings: SETTINGS }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
