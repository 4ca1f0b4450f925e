import { once } from 'node:events';
import { Command } from 'commander';
import { messageOf } from '../../src/domain/errors.ts';
import { ADMIN_TOKEN } from '../support/env.ts';
import { runDesk } from './desk-run.ts';
import { runReplay } from './replay-run.ts';
import { say } from './say.ts';

const options = new Command('demo')
  .description('The whole service on a simulated Jira site: webhook in, edit out.')
  .option('--once', 'exit when the table is printed instead of staying up')
  .option('--tickets <file>', 'replay a real set: .jsonl, .jsonl.gz or a Jira CSV export')
  .option('--target <field>', 'the field of the set to predict, for example y_team')
  .parse()
  .opts<{ once?: boolean; tickets?: string; target?: string }>();

try {
  if (options.tickets && !options.target) throw new Error('--tickets needs --target FIELD, the field to predict');
  await using stage =
    options.tickets && options.target ? await runReplay(options.tickets, options.target) : await runDesk();
  if (stage.site.violations.length > 0)
    throw new Error(`requests against the OpenAPI document: ${stage.site.violations.join('; ')}`);
  if (!options.once) {
    const [issue] = stage.site.issues().filter(({ status }) => status !== 'Done');
    say(
      `still up until Ctrl-C. Why did it decide so? curl -s -H 'Authorization: Bearer ${ADMIN_TOKEN}' ${stage.service.opsUrl}/admin/issues/${issue?.key}`,
    );
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  }
} catch (error) {
  process.stderr.write(`✗ ${messageOf(error)}\n`);
  process.exitCode = 1;
}
