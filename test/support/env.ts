import { botCredentials } from '../fakes/jira/options.ts';

export const WEBHOOK_SECRET = 'demo-webhook-secret-0123456789abcdef';
export const ADMIN_TOKEN = 'demo-admin-token-0123456789abcdefghij';
export const AUTOMATION_SECRET = 'demo-automation-secret-0123456789ab';

/** The environment of a service that works on a simulated site. */
export function serviceEnv(
  siteUrl: string,
  dataDir: string,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return {
    JIRA_URL: siteUrl,
    JIRA_EMAIL: botCredentials.email,
    JIRA_API_TOKEN: botCredentials.apiToken,
    WEBHOOK_SECRETS: WEBHOOK_SECRET,
    AUTOMATION_SECRET,
    ADMIN_TOKEN,
    DATA_DIR: dataDir,
    TRIAGE_WRITES: 'on',
    ...more,
  };
}
