import { triageCommand } from '../../support/command.ts';
import { ADMIN_TOKEN } from '../../support/env.ts';
import type { FaultDesk } from '../desk.ts';

/** Has the running service look for what no webhook told it of, as an operator does after a loss; returns its words. */
export function sweep({ running }: FaultDesk): Promise<string> {
  const front = running.find(({ entry }) => entry !== 'workers');
  if (!front) throw new Error('no process takes webhooks');
  return triageCommand(['sweep', '--since', '1h', '--settle', '0', '--yes'], {
    SERVICE_URL: front.opsUrl,
    ADMIN_TOKEN,
  });
}
