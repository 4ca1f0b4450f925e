import { testStage } from '../support/stage.ts';
import { triageCommand } from '../support/command.ts';
import { manyFinished } from './many-tickets.ts';
await using stage = await testStage({ history: [], site: { openapi: 'off', requestLogSize: 100 } });
for (const d of manyFinished(4000)) stage.site.addIssue(d);
for (const rate of ['5', '100']) { const t = performance.now(); const out = await triageCommand(['backfill', '--jql', 'project = IT', '--pages-per-second', rate, '--no-learn'], { ...stage.env, DATA_DIR: stage.folder + '/d' + rate }); console.log(rate, ((performance.now() - t) / 1000).toFixed(1), 's', out.split('\n')[0]); }
