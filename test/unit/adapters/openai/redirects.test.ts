import { describe, expect, test } from 'vitest';
import { openaiEmbedder } from '../../../../src/adapters/openai/embedder.ts';
import { openaiModel } from '../../../../src/adapters/openai/model.ts';
import { TransientError } from '../../../../src/domain/errors.ts';
import { PlaybookFileSchema } from '../../../../src/domain/playbook/playbook.ts';
import { questionWith } from '../../../support/model.ts';
import { listen } from '../../support/server.ts';

const playbook = PlaybookFileSchema.parse({
  projects: ['IT'],
  targets: {},
  model: { prompt: 'p', endpoints: { main: { retries: 0 } } },
});

/** A server that sends everybody on to another, and what that one was sent. */
async function sendingOn(status: number) {
  const heard: string[] = [];
  const elsewhere = await listen(async (request, response) => {
    heard.push(`${request.headers.authorization ?? ''} ${request.headers['api-key'] ?? ''}`);
    response.end('{}');
  });
  const asked = await listen((request, response) => {
    request.resume();
    response.writeHead(status, { location: `${elsewhere.url}/v1/elsewhere` }).end();
  });
  return {
    url: asked.url,
    heard,
    [Symbol.asyncDispose]: async () => {
      await asked[Symbol.asyncDispose]();
      await elsewhere[Symbol.asyncDispose]();
    },
  };
}

describe.each([301, 302, 303, 307, 308])('a model’s server that answers %i', (status) => {
  test.each(['openai', 'azure'] as const)('leads nobody elsewhere who asks in the manner of %s', async (profile) => {
    await using server = await sendingOn(status);
    const settings = playbook.model?.endpoints.main;
    if (!settings) throw new Error('no model');
    const access = { endpoint: 'main', baseUrl: server.url, apiKey: 'key', model: 'mini' } as const;
    const asked = openaiModel({ ...access, settings: { ...settings, profile } }).complete(questionWith());
    await expect(asked).rejects.toThrow(TransientError);
    await expect(asked).rejects.toThrow(`answered ${status}`);
    expect(server.heard).toEqual([]);
  });

  test('leads no text elsewhere that is to be embedded', async () => {
    await using server = await sendingOn(status);
    const embedder = openaiEmbedder({ baseUrl: server.url, apiKey: 'key', model: 'embed' });
    await expect(embedder.embed(['text'])).rejects.toThrow(TransientError);
    expect(server.heard).toEqual([]);
  });
});
