import { expect, test } from 'vitest';
import { backfillAll } from '../support/command.ts';
import { testStage } from '../support/stage.ts';

test('a backfill that Jira refuses half-way says so and ends', async () => {
  await using stage = await testStage();
  let pages = 0;
  stage.site.faults.steer(({ path }) => {
    const isSearch = path.endsWith('/search/jql');
    return isSearch && ++pages > 2 ? { status: 400, body: { errorMessages: ['no such project'] } } : undefined;
  });
  await expect(backfillAll('project = IT', stage.env)).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^✗ Jira answered 400: no such project$/m),
  });
  expect(pages).toBeGreaterThan(2);
});
