import { describe, expect, test } from 'vitest';
import type { Ledger } from '../../../src/domain/ports/ledger.ts';
import type { Arrival, ArrivalQuery } from '../../../src/domain/ticket/burst.ts';
import { arrivalWith } from '../../support/arrivals.ts';
import { decisionWith } from '../../support/fixtures.ts';
import { books } from '../support/books.ts';
import { freshEachTime } from '../support/fresh.ts';

const NOON = Date.parse('2026-05-01T12:00:00.000Z');
const minute = (minutes: number) => new Date(NOON + minutes * 60_000).toISOString();

const WHOLE_DAY: ArrivalQuery = {
  project: 'IT',
  from: minute(-720),
  until: minute(720),
  isOrdinary: false,
  limit: 100,
};

describe.each(books)('bursts in $name', ({ open }) => {
  let ledger: Ledger;

  freshEachTime(open, (book) => {
    ledger = book.replica();
  });

  /** Records tickets that came in a minute apart; returns their ids. */
  async function arrived(count: number, parts: Partial<Arrival> = {}): Promise<string[]> {
    const arrivals = Array.from({ length: count }, (_, index) => arrivalWith({ at: minute(index), ...parts }));
    for (const arrival of arrivals) await ledger.recordArrival(arrival);
    return arrivals.map(({ issueId }) => issueId);
  }

  const keysOf = (ids: readonly string[], project = 'IT') => ids.map((id) => `${project}-${id}`);

  describe('arrivals', () => {
    test('come back whole, newest first', async () => {
      const first = arrivalWith({ at: minute(0) });
      const second = arrivalWith({ at: minute(1), sketch: { terms: new Uint32Array(), weights: new Float32Array() } });
      await ledger.recordArrival(first);
      await ledger.recordArrival(second);
      expect(await ledger.arrivals(WHOLE_DAY)).toEqual([
        { ...second, burstId: null },
        { ...first, burstId: null },
      ]);
    });

    test('come back whole however many words they have', async () => {
      const terms = Uint32Array.from({ length: 64 }, (_, index) => index * 67_108_863);
      const arrival = arrivalWith({ sketch: { terms, weights: Float32Array.from(terms, Math.log1p) } });
      await ledger.recordArrival({ ...arrival, at: minute(0) });
      expect(await ledger.arrivals(WHOLE_DAY)).toMatchObject([{ sketch: arrival.sketch }]);
    });

    test('an issue that is recorded again is still one, as it is now', async () => {
      const arrival = arrivalWith({ at: minute(0) });
      const edited = { ...arrival, sketch: arrivalWith().sketch };
      await ledger.recordArrival(arrival);
      await ledger.recordArrival(edited);
      expect(await ledger.arrivals(WHOLE_DAY)).toEqual([{ ...edited, burstId: null }]);
    });

    test('are those of the project and the time asked for, both ends included', async () => {
      const [, from, until] = await arrived(4);
      await arrived(1, { project: 'HR', at: minute(1) });
      const found = await ledger.arrivals({ ...WHOLE_DAY, from: minute(1), until: minute(2) });
      expect(found.map(({ issueId }) => issueId)).toEqual([until, from]);
    });

    test('are no more than asked for, the newest', async () => {
      const ids = await arrived(4);
      const found = await ledger.arrivals({ ...WHOLE_DAY, limit: 2 });
      expect(found.map(({ issueId }) => issueId)).toEqual([ids[3], ids[2]]);
    });

    test('outside of bursts are asked for without their members', async () => {
      const ids = await arrived(4);
      const { id } = await ledger.joinBurst({ project: 'IT', issueIds: ids.slice(0, 2) });
      expect((await ledger.arrivals(WHOLE_DAY)).map(({ burstId }) => burstId)).toEqual([null, null, id, id]);
      const ordinary = await ledger.arrivals({ ...WHOLE_DAY, isOrdinary: true });
      expect(ordinary.map(({ issueId }) => issueId)).toEqual([ids[3], ids[2]]);
    });
  });

  describe('joining', () => {
    test('opens a burst from the first to the last of its tickets', async () => {
      const ids = await arrived(3);
      const joined = await ledger.joinBurst({ project: 'IT', issueIds: ids.toReversed() });
      expect(joined).toEqual({ id: expect.any(String), members: 3, isNew: true });
      expect(await ledger.bursts(50)).toEqual([
        { id: joined.id, project: 'IT', openedAt: minute(0), lastAt: minute(2), members: keysOf(ids) },
      ]);
    });

    test('a ticket joins the burst that one of its fellows is in', async () => {
      const ids = await arrived(4);
      const { id } = await ledger.joinBurst({ project: 'IT', issueIds: ids.slice(0, 2) });
      expect(await ledger.joinBurst({ project: 'IT', issueIds: ids.slice(1) })).toEqual({
        id,
        members: 4,
        isNew: false,
      });
      expect(await ledger.bursts(50)).toMatchObject([{ id, lastAt: minute(3), members: keysOf(ids) }]);
    });

    test('twice counts once', async () => {
      const issueIds = await arrived(3);
      const first = await ledger.joinBurst({ project: 'IT', issueIds });
      await ledger.recordArrival(arrivalWith({ issueId: issueIds[0] ?? '', at: minute(0) }));
      expect(await ledger.joinBurst({ project: 'IT', issueIds })).toEqual({ ...first, isNew: false });
    });

    test('tickets with no fellow in a burst open another one', async () => {
      const ids = await arrived(4);
      const one = await ledger.joinBurst({ project: 'IT', issueIds: ids.slice(0, 2) });
      const other = await ledger.joinBurst({ project: 'IT', issueIds: ids.slice(2) });
      expect([other.isNew, other.id === one.id]).toEqual([true, false]);
      expect((await ledger.bursts(50)).map(({ id }) => id)).toEqual([other.id, one.id]);
      expect((await ledger.bursts(1)).map(({ id }) => id)).toEqual([other.id]);
    });

    test('a ticket like those of two bursts joins the older, and each stays where it is', async () => {
      const ids = await arrived(5);
      const newer = await ledger.joinBurst({ project: 'IT', issueIds: ids.slice(2, 4) });
      const older = await ledger.joinBurst({ project: 'IT', issueIds: ids.slice(0, 2) });
      expect(await ledger.joinBurst({ project: 'IT', issueIds: ids })).toEqual({
        id: older.id,
        members: 3,
        isNew: false,
      });
      expect(await ledger.bursts(50)).toMatchObject([
        { id: newer.id, members: keysOf(ids.slice(2, 4)) },
        { id: older.id, members: keysOf([...ids.slice(0, 2), ...ids.slice(4)]) },
      ]);
    });

    test('projects do not share bursts, and a ticket that moves leaves its burst', async () => {
      const ids = await arrived(3);
      const { id } = await ledger.joinBurst({ project: 'IT', issueIds: ids });
      const moved = ids[0] ?? '';
      await ledger.recordArrival(arrivalWith({ issueId: moved, project: 'HR', at: minute(0) }));
      const others = await arrived(2, { project: 'HR' });
      const there = await ledger.joinBurst({ project: 'HR', issueIds: [moved, ...others] });
      expect(there).toMatchObject({ members: 3, isNew: true });
      const bursts = await ledger.bursts(50);
      expect(bursts.find((burst) => burst.id === id)?.members).toEqual(keysOf(ids.slice(1)));
      expect(bursts.find((burst) => burst.id === there.id)?.members.toSorted()).toEqual(
        keysOf([moved, ...others], 'HR').toSorted(),
      );
    });

    test('ten at the same moment with a ticket in common end in one burst', async () => {
      const [common = '', ...others] = await arrived(11);
      const joins = await Promise.all(others.map((id) => ledger.joinBurst({ project: 'IT', issueIds: [id, common] })));
      expect(joins.filter(({ isNew }) => isNew)).toHaveLength(1);
      expect(await ledger.bursts(50)).toMatchObject([{ members: keysOf([common, ...others]) }]);
    });

    test('tickets that arrive and join at the same moment all end in one burst', async () => {
      const arrivals = Array.from({ length: 20 }, () => arrivalWith({ at: minute(0) }));
      await Promise.all(
        arrivals.map(async (arrival) => {
          await ledger.recordArrival(arrival);
          const around = await ledger.arrivals(WHOLE_DAY);
          if (around.length < 5) return;
          await ledger.joinBurst({ project: 'IT', issueIds: around.map(({ issueId }) => issueId) });
        }),
      );
      const [burst, ...more] = await ledger.bursts(50);
      expect([burst?.members.length, more]).toEqual([20, []]);
    });
  });

  describe('trimming', () => {
    test('drops old arrivals and bursts, and keeps the members of a burst that goes on', async () => {
      const now = Date.now();
      const daysAgo = (days: number) => new Date(now - days * 24 * 3600 * 1000).toISOString();
      const [over = '', alone = '', early = '', late = ''] = [90, 80, 70, 1].map((days) => `${days}`);
      for (const id of [over, alone, early, late])
        await ledger.recordArrival(arrivalWith({ issueId: id, at: daysAgo(Number(id)) }));
      await ledger.joinBurst({ project: 'IT', issueIds: [over] });
      const { id } = await ledger.joinBurst({ project: 'IT', issueIds: [early, late] });
      expect(await ledger.trim(30)).toBe(3);
      expect(await ledger.bursts(50)).toMatchObject([{ id, members: keysOf([early, late]) }]);
      const left = await ledger.arrivals({ ...WHOLE_DAY, from: daysAgo(100), until: daysAgo(0) });
      expect(left.map(({ issueId }) => issueId)).toEqual([late, early]);
    });
  });

  test('a decision keeps the burst it was made in', async () => {
    const decision = decisionWith({ burst: { id: 'b-1', members: 7 } });
    await ledger.recordDecision(decision);
    expect(await ledger.decision(decision.id)).toEqual(decision);
  });
});
