import { expect, test } from 'vitest';
import { TransientError } from '../../../src/domain/errors.ts';
import type { JobQueue, QueueBackend } from '../../../src/queue/backend.ts';
import { openPublisher } from '../../../src/queue/publisher.ts';

const broken = async () => {
  throw new Error("Stream isn't writeable and enableOfflineQueue options is false");
};

/** A publisher on queues that are all like this one. */
function publisherOn(parts: Partial<JobQueue>) {
  const queue: JobQueue = {
    add: broken,
    addBulk: broken,
    getJobScheduler: broken,
    upsertJobScheduler: broken,
    removeJobScheduler: broken,
    getJobCounts: broken,
    getJobs: broken,
    trimEvents: broken,
    getJob: broken,
    close: async () => {},
    on: () => {},
    ...parts,
  };
  const backend: QueueBackend = {
    kind: 'redis',
    bulkFrom: 2,
    prepare: async () => {},
    queue: () => queue,
    worker: () => {
      throw new Error('no workers here');
    },
    trimEvents: async () => {},
    mend: async () => 0,
    ping: async () => {},
    close: async () => {},
  };
  return openPublisher(backend, () => {});
}

const job = { undos: [{ id: 'undo-a', writeId: 'a' }] };

test.each([true, false])('a queue that cannot be reached is a passing trouble (revival: %s)', async (isRevival) => {
  const { publish } = publisherOn({});
  await expect(publish('undo', [job], { isRevival })).rejects.toThrow(TransientError);
});
