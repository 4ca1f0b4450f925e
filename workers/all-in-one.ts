import { compose } from '../src/compose.ts';
import { announce, openIntake } from '../src/main.ts';
import { closedInTime, openOps } from '../src/ops.ts';
import { settingsFromProcess } from '../src/settings/env.ts';
import { start, untilStopped } from '../src/start.ts';
import { startWorkers } from './main.ts';

/** Everything in one process, which is what an embedded service is. Webhooks end first, health and metrics last. */
await start(async () => {
  const settings = settingsFromProcess();
  await untilStopped(settings.stopMs, async (stop) => {
    const context = await compose(settings);
    await using _storage = closedInTime(context);
    await using _following = await context.follow(true);
    await using ops = await openOps(context, stop, 'intake');
    await using _workers = await startWorkers(context);
    await using intake = await openIntake(context, stop);
    announce(context, { port: intake.port, opsPort: ops.port });
    await stop.asked;
    context.log.info('stopping');
  });
});
