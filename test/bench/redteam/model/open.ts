import { openaiModel } from '../../../../src/adapters/openai/model.ts';
import { PlaybookFileSchema } from '../../../../src/domain/playbook.ts';
import type { Model } from '../../../../src/domain/ports.ts';
import type { Brain } from '../../../fakes/model/brain/brain.ts';
import { type ModelServer, startModelServer } from '../../../fakes/model/server.ts';

export interface Access {
  readonly baseUrl?: string | undefined;
  readonly apiKey: string;
  readonly model: string;
}

/** The service's own client, patient with an endpoint that many questions go to. */
export function modelAt({ baseUrl, apiKey, model }: Access): Model {
  const { model: declared } = PlaybookFileSchema.parse({ projects: ['IT'], targets: {}, model: { prompt: 'p.yaml' } });
  if (!declared) throw new Error('the playbook has no model');
  const settings = { ...declared.endpoints.main, concurrency: 32 };
  return openaiModel({ endpoint: 'main', baseUrl, apiKey, model, settings });
}

/** A simulated endpoint whose model says what it likes, whatever the schema. */
export interface Simulated extends AsyncDisposable {
  readonly model: Model;
  readonly server: ModelServer;
}

export async function simulated(brain: 'reader' | 'obedient' | Brain): Promise<Simulated> {
  const server = await startModelServer({ brain, enforce: false, requestLogSize: 20_000 });
  return {
    server,
    model: modelAt({ baseUrl: server.url, apiKey: 'a-key', model: 'large' }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
