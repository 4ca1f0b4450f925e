import { z } from 'zod';
import { parse, Secret } from './env/parse.ts';

const ServiceSchema = z.object({
  SERVICE_URL: z.url({ protocol: /^https?$/ }).optional(),
  ADMIN_TOKEN: Secret.optional(),
});

/** Where the running service is asked by commands, and with what; null where the environment says nothing. */
export interface ServiceAccess {
  readonly url: string | null;
  readonly adminToken: string | null;
}

/** Throws `MisconfiguredError` like `readSettings`. */
export function readService(env: Readonly<Record<string, string | undefined>>): ServiceAccess {
  const { SERVICE_URL: url = null, ADMIN_TOKEN: adminToken = null } = parse(ServiceSchema, env);
  return { url, adminToken };
}

/** What the environment of this process says. */
export function serviceFromProcess(): ServiceAccess {
  // biome-ignore lint/style/noProcessEnv: for commands, which need no other setting
  return readService(process.env);
}
