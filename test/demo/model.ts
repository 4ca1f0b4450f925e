import { z } from 'zod';
import { loadPlaybook } from '../../src/settings/playbook-store.ts';
import { say } from './say.ts';

const NAMES = [
  'OPENAI_BASE_URL',
  'OPENAI_API_KEY',
  'OPENAI_MODEL',
  'OPENAI_PROFILE',
  'FALLBACK_BASE_URL',
  'FALLBACK_API_KEY',
  'FALLBACK_MODEL',
  'FALLBACK_PROFILE',
];
const Models = z.object({ data: z.array(z.object({ id: z.string() })).min(1) });

/**
 * The endpoint that this shell's environment names, for the service; null when it names none. A server of one's own
 * rarely has the model of the shipped prompt, so the first one it lists is taken, and that is said.
 */
export async function modelEnv(configFolder: string): Promise<Readonly<Record<string, string>> | null> {
  const given = Object.fromEntries(
    NAMES.flatMap((name) => {
      const value = process.env[name];
      return value ? [[name, value] as const] : [];
    }),
  );
  const { OPENAI_BASE_URL: baseUrl, OPENAI_API_KEY: key, OPENAI_MODEL: named } = given;
  if (!baseUrl && !key) return null;
  const wanted = named ?? loadPlaybook(configFolder, null).prompts.triage?.generation.model;
  const served = baseUrl && !named ? await servedBy(baseUrl, key) : [];
  const [first] = served;
  const model = first === undefined || (wanted !== undefined && served.includes(wanted)) ? wanted : first;
  say(`language model ${model} at ${baseUrl ?? 'api.openai.com'}: asked where the local classifier is not sure`);
  return { ...given, ...(model ? { OPENAI_MODEL: model } : {}) };
}

/** The models a server lists; none when it does not tell. */
async function servedBy(baseUrl: string, key: string | undefined): Promise<readonly string[]> {
  try {
    const headers = key ? { authorization: `Bearer ${key}` } : {};
    const response = await fetch(`${baseUrl.replace(/\/+$/, '')}/models`, {
      headers,
      signal: AbortSignal.timeout(5_000),
    });
    return Models.parse(await response.json()).data.map(({ id }) => id);
  } catch {
    // Not every server lists its models; then the prompt's own is asked for.
    return [];
  }
}
