import { parseArgs } from 'node:util';
import { optionsSchema } from './options.ts';
import { startModelServer } from './server.ts';

/**
 * A server in a process of its own: options as JSON in `MODEL_SERVER_OPTIONS`, or `--profile`, `--port`, `--delay-ms`
 * and `--brain`; one line with its address when it listens.
 */
const { values } = parseArgs({
  options: {
    profile: { type: 'string' },
    port: { type: 'string' },
    'delay-ms': { type: 'string' },
    brain: { type: 'string' },
  },
});
const given: unknown = JSON.parse(process.env['MODEL_SERVER_OPTIONS'] ?? '{}');
const server = await startModelServer(
  optionsSchema.parse({
    ...Object(given),
    ...(values.profile === undefined ? {} : { profile: values.profile }),
    ...(values.port === undefined ? {} : { port: Number(values.port) }),
    ...(values['delay-ms'] === undefined ? {} : { delayMs: Number(values['delay-ms']) }),
    ...(values.brain === undefined ? {} : { brain: values.brain }),
  }),
);
process.stdout.write(`${JSON.stringify({ url: server.url, origin: server.origin })}\n`);

for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => void server[Symbol.asyncDispose]());
