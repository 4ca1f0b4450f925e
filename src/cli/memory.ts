import { postgresMemory } from '../adapters/postgres/memory.ts';
import { migrate } from '../adapters/postgres/migrations.ts';
import { openMemory } from '../compose/memory.ts';
import { openStorage } from '../compose/storage.ts';
import { MisconfiguredError } from '../domain/errors.ts';
import { settingsFromProcess } from '../settings/env.ts';
import { openLog } from '../telemetry/log.ts';
import { type Copied, copyMemory } from '../upkeep/copy-memory.ts';
import { showProgress } from './progress.ts';

/** `triage memory copy`: past tickets go from the database to Qdrant, where the service looks once `QDRANT_URL` is set. */
export async function runMemoryCopy(): Promise<void> {
  const settings = settingsFromProcess();
  if (settings.storage.qdrant === null)
    throw new MisconfiguredError(['QDRANT_URL is not set: it says where past tickets are to be copied to']);
  const log = openLog('warn');
  await using opened = new AsyncDisposableStack();
  const storage = await openStorage(settings, log);
  opened.defer(() => storage.close());
  opened.defer(() => storage.queues.close());
  await migrate(storage.sql);
  const from = await postgresMemory(storage.sql);
  const to = await openMemory(settings, storage.sql, log);
  using bar = showProgress('copy', 'tickets');
  const size = await from.size();
  let done: Copied = { read: 0, copied: 0 };
  for await (done of copyMemory(from, to)) bar.update(done.read, Math.max(size, done.read));
  bar.stop();
  process.stdout.write(`✔ ${done.copied} of ${done.read} past tickets copied, ${await to.size()} in Qdrant\n`);
}
