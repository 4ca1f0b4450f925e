import { compose } from '../src/compose.ts';
import { serve } from '../src/main.ts';
import { settingsFromProcess } from '../src/settings/env.ts';
import { start, untilStopped } from '../src/start.ts';
import { startWorkers } from './main.ts';

/** Everything in one process, which is what an embedded service is. */
await start(async () => {
  await using context = await compose(settingsFromProcess());
  await using _following = await context.follow(true);
  await using _workers = startWorkers(context);
  await using _server = await serve(context);
  await untilStopped();
  context.log.info('stopping');
});
