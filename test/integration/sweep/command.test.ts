import { expect, test } from 'vitest';
import { openColleague, REPORTER } from '../../support/colleague.ts';
import { triageCommand } from '../../support/command.ts';
import { ADMIN_TOKEN } from '../../support/env.ts';

test('what came while nobody was there is found by the command, here or by the service, and edited once', async () => {
  await using colleague = await openColleague({ words: ['printer'] }, { isRunning: false });
  const { site, stage } = colleague;
  const lost = async () => {
    site.webhooks.dropNext(1);
    const { key } = await site.createIssue({ projectKey: 'IT', reporter: REPORTER, summary: 'The printer is on fire' });
    return key;
  };
  const early = [await lost(), await lost(), await lost()];
  const sweep = (...args: readonly string[]) => triageCommand(['sweep', '--settle', '0', ...args], stage.env);

  const outlook = await sweep('--since', '1h', '--dry-run');
  expect(outlook).toMatch(/^looking back to \d{4}-.*Z\n3 new tickets and 0 changes that no webhook told of found, /);
  await expect(sweep('--since', '1h')).rejects.toThrow('nobody is here to agree');
  await expect(sweep('--since', 'last week', '--yes')).rejects.toThrow('since: must be like 90m');
  const done = await sweep('--since', '1h', '--yes', '--actor', 'lena');
  expect(done).toContain('✔ 3 new tickets and 0 changes that no webhook told of handed over');
  expect(done).toContain('they are looked after when the service runs');
  expect(await sweep()).toContain('✔ 0 new tickets');

  await colleague.start();
  await colleague.settle();
  expect(early.map((key) => colleague.edits(key).length)).toEqual([1, 1, 1]);

  const late = await lost();
  const far = ['--service', colleague.service.opsUrl];
  expect(await triageCommand(['sweep', '--settle', '0', ...far], { ADMIN_TOKEN })).toContain('✔ 1 new ticket and');
  await colleague.settle();
  expect([late, ...early].map((key) => colleague.edits(key).length)).toEqual([1, 1, 1, 1]);
  expect(await triageCommand(['audit', ...far], { ADMIN_TOKEN })).toMatch(/lena +sweep +since 1h/);
  const metrics = await (await fetch(`${colleague.service.opsUrl}/metrics`)).text();
  expect(metrics).toMatch(/^triage_tickets_unaccounted 0$/m);
  expect(metrics).toMatch(/^triage_sweep_last_success_timestamp_seconds \d{10}/m);
  expect(site.violations).toEqual([]);
});
