import { optionsSchema } from './options.ts';
import { startJiraSite } from './site.ts';

/** A site in a process of its own: options as JSON in `JIRA_SITE_OPTIONS`, one line with its address when it listens. */
const options: unknown = JSON.parse(process.env['JIRA_SITE_OPTIONS'] ?? '{}');
const site = await startJiraSite(optionsSchema.parse(options));
process.stdout.write(`${JSON.stringify({ url: site.url, botId: site.botId })}\n`);

for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => void site.close());
