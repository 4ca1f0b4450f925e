import { describe, expect, test } from 'vitest';
import { TransientError } from '../../../../src/domain/errors.ts';
import { openLoads } from '../../../../src/triage/routing/loads.ts';
import { playbookWith } from '../../../support/fixtures.ts';

const desk = playbookWith({ projects: ['IT', 'OPS'] });

function openDesk(count: () => Promise<number> = async () => 3) {
  let nowMs = Date.parse('2026-05-01T09:00:00.000Z');
  const asked: string[] = [];
  const tracker = {
    count: (jql: string) => {
      asked.push(jql);
      return count();
    },
  };
  const loads = openLoads({ tracker, clock: { now: () => new Date(nowMs) } });
  const pass = (seconds: number) => {
    nowMs += seconds * 1000;
  };
  return { loads, asked, pass };
}

describe('loads', () => {
  test.each([
    ['an account id', '712020:ab-c', '"712020:ab-c"'],
    ['a name with quotes', 'a" OR assignee != "b', '"a\\" OR assignee != \\"b"'],
    ['a trailing backslash', 'a\\', '"a\\\\"'],
    ['nothing', '', '""'],
  ])('are counted by JQL that quotes %s', async (_what, accountId, quoted) => {
    const { loads, asked } = openDesk();
    await loads.open(accountId, desk);
    expect(asked).toEqual([`assignee = ${quoted} AND statusCategory != Done AND project in ("IT", "OPS")`]);
  });

  test('are asked for once a minute, also when many ask at once', async () => {
    const { loads, asked, pass } = openDesk();
    await Promise.all([loads.open('ada', desk), loads.open('ada', desk), loads.open('ben', desk)]);
    pass(59);
    await loads.open('ada', desk);
    expect(asked).toHaveLength(2);
    pass(1);
    await loads.open('ada', desk);
    expect(asked).toHaveLength(3);
  });

  test('grow by what is given, until Jira counts it itself', async () => {
    const { loads, pass } = openDesk();
    const open = () => loads.open('ada', desk);
    expect(await open()).toBe(3);
    pass(1);
    expect([loads.claim('ada', desk, null), await open()]).toEqual([true, 4]);
    pass(60);
    expect(await open()).toBe(3);
  });

  test('keep what was given a moment before Jira counted: it is not in the index of Jira yet', async () => {
    const { loads, pass } = openDesk();
    await loads.open('ada', desk);
    pass(55);
    loads.claim('ada', desk, null);
    pass(5);
    expect(await loads.open('ada', desk)).toBe(4);
    pass(60);
    expect(await loads.open('ada', desk)).toBe(3);
  });

  test('keep what still waits to be written, for as long as people may go first', async () => {
    const patient = playbookWith({ writeBack: { graceSeconds: 300 } });
    const { loads, pass } = openDesk();
    loads.claim('ada', patient, null);
    const counts = [];
    for (const seconds of [1, 200, 200]) {
      pass(seconds);
      counts.push(await loads.open('ada', patient));
    }
    expect(counts).toEqual([4, 4, 3]);
  });

  test('never let more be given than there is room for, however many give at once', async () => {
    const { loads } = openDesk();
    const give = async () => {
      await loads.open('ada', desk);
      return loads.claim('ada', desk, 5);
    };
    const given = await Promise.all(Array.from({ length: 10 }, give));
    expect(given.filter(Boolean)).toHaveLength(2);
    expect(await loads.open('ada', desk)).toBe(5);
  });

  test('pass on an outage and ask again afterwards', async () => {
    let isDown = true;
    const { loads } = openDesk(async () => {
      if (isDown) throw new TransientError('Jira: 503');
      return 7;
    });
    await expect(loads.open('ada', desk)).rejects.toThrow(TransientError);
    isDown = false;
    expect(await loads.open('ada', desk)).toBe(7);
  });
});
