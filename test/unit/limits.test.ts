import fc from 'fast-check';
import { expect, test } from 'vitest';
import { leftIn, limitPeriods } from '../../src/flows/room.ts';
import { type Limit, limitsFor, roomOf, type Spend, type Spender, tightestRoom } from '../../src/guilds/limits.ts';
import { isTimeZone, periodOf } from '../../src/guilds/period.ts';

const hour = 3_600_000;
const day = 24 * hour;
const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Africa/Cairo',
  'Asia/Beirut',
  'America/Santiago',
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
];
const zone = fc.constantFrom(...zones);
const per = fc.constantFrom(...limitPeriods);
const moment = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2035, 0) });

/** Date and time of day of a moment, as a clock on a wall shows them. */
const onTheWall = (at: number, timeZone: string) =>
  new Intl.DateTimeFormat('en-GB', { timeZone, dateStyle: 'full', timeStyle: 'medium' }).format(at);

test('periods follow each other without a gap, and every moment lies in one', () => {
  fc.assert(
    fc.property(moment, per, zone, (at, per, zone) => {
      const { start, end } = periodOf(per, at, zone);
      expect(start).toBeLessThanOrEqual(at);
      expect(at).toBeLessThan(end);
      expect(periodOf(per, start, zone)).toEqual({ start, end });
      expect(periodOf(per, end - 1, zone)).toEqual({ start, end });
      expect(periodOf(per, end, zone).start).toBe(end);
    }),
  );
});

test('a day begins at midnight of its zone, or when the clocks were put forward at midnight, an hour later', () => {
  fc.assert(
    fc.property(moment, per, zone, (at, per, zone) => {
      const { start, end } = periodOf(per, at, zone);
      expect(onTheWall(start, zone)).toMatch(/ 0[01]:00:00$/);
      expect(onTheWall(start - 1, zone)).toMatch(/:59:59$/);
      if (per === 'week') expect(onTheWall(start, zone)).toMatch(/^Monday/);
      if (per === 'month') expect(onTheWall(start, zone)).toMatch(/^\w+,? 1 /);
      if (per === 'day') expect(Math.abs(end - start - day)).toBeLessThanOrEqual(hour);
    }),
  );
});

test('days on which the clocks change are as long as they are', () => {
  const noon = (month: number, date: number) => Date.UTC(2026, month, date, 12);
  const hours = (at: number, zone: string) => {
    const { start, end } = periodOf('day', at, zone);
    return (end - start) / hour;
  };
  expect(hours(noon(2, 29), 'Europe/Berlin')).toBe(23);
  expect(hours(noon(9, 25), 'Europe/Berlin')).toBe(25);
  // At midnight: this day begins at one.
  const { start } = periodOf('day', noon(3, 24), 'Africa/Cairo');
  expect(onTheWall(start, 'Africa/Cairo')).toMatch(/24 April 2026.* 01:00:00$/);
});

test('a time zone that does not exist is none', () => {
  expect(isTimeZone('Europe/Berlin')).toBe(true);
  expect(isTimeZone('Europe/Atlantis')).toBe(false);
  expect(isTimeZone('')).toBe(false);
});

const now = Date.UTC(2026, 10, 26, 12);
const person = fc.constantFrom('ada', 'ben', 'cem');
const channel = fc.constantFrom('moodboard', 'posters');
const roles = fc.subarray(['artists', 'leads', 'guests']);
const spender: fc.Arbitrary<Spender> = fc.record({ person, channel, roles });
const spend: fc.Arbitrary<Spend> = fc.record({
  isOwn: fc.boolean(),
  person,
  channel,
  credits: fc.integer({ min: 0, max: 2000 }).map((cents) => cents / 100),
  at: fc.integer({ min: now - 40 * day, max: now }),
});
const limit: fc.Arbitrary<Limit> = fc
  .record({
    id: fc.uuid(),
    credits: fc.integer({ min: 0, max: 100 }),
    per,
    scope: fc.constantFrom(
      { scope: 'server' as const, targets: [null] },
      { scope: 'channel' as const, targets: ['moodboard', 'posters'] },
      { scope: 'role' as const, targets: ['artists', 'leads', 'guests'] },
      { scope: 'person' as const, targets: ['ada', 'ben', 'cem'] },
    ),
    index: fc.nat(),
  })
  .map(({ scope: { scope, targets }, index, ...rest }) => ({
    ...rest,
    scope,
    target: targets[index % targets.length] ?? null,
    label: '',
  }));

test('what fits the tightest limit fits every one that applies, and what does not fit it fits not all', () => {
  fc.assert(
    fc.property(fc.array(limit), spender, fc.array(spend), zone, (limits, who, spends, zone) => {
      const tightest = tightestRoom(limits, who, spends, now, zone);
      const all = limitsFor(limits, who).map((one) => leftIn(roomOf(one, who, spends, now, zone)));
      expect(tightest && leftIn(tightest)).toBe(all.length === 0 ? undefined : Math.min(...all));
    }),
  );
});

const wish = fc.record({
  who: spender,
  price: fc.integer({ min: 0, max: 3000 }),
  later: fc.nat(2 * day),
  isOwn: fc.boolean(),
});

test('whoever spends only what fits never passes a limit, however the limits overlap and whatever people pay themselves', () => {
  fc.assert(
    fc.property(fc.array(limit), fc.array(wish), zone, (limits, wishes, zone) => {
      const spends: Spend[] = [];
      // Roles are those of one moment: here a person keeps them.
      const rolesOf = new Map<string, readonly string[]>();
      let at = now;
      for (const { who, price, later, isOwn } of wishes) {
        at += later;
        const roles = rolesOf.get(who.person) ?? who.roles;
        rolesOf.set(who.person, roles);
        const room = tightestRoom(limits, { ...who, roles }, spends, at, zone);
        const credits = price / 100;
        if (isOwn || !room || credits <= leftIn(room)) spends.push({ ...who, credits, at, isOwn });
      }
      for (const { person, channel, at } of spends) {
        const who = { person, channel, roles: rolesOf.get(person) ?? [] };
        for (const one of limitsFor(limits, who)) {
          const { used, credits } = roomOf(one, who, spends, at, zone);
          expect(used).toBeLessThanOrEqual(credits);
        }
      }
    }),
  );
});

const some = (scope: Limit['scope'], target: string | null, credits: number, per: Limit['per'] = 'week'): Limit => ({
  id: `${scope} ${target} ${per}`,
  scope,
  target,
  label: '',
  credits,
  per,
});
const ada: Spender = { person: 'ada', roles: ['artists', 'leads'], channel: 'moodboard' };
const spent = (credits: number, changes: Partial<Spend> = {}): Spend => ({
  isOwn: false,
  person: 'ada',
  channel: 'moodboard',
  credits,
  at: now,
  ...changes,
});

test('of several role limits the highest counts, for each period by itself; the person’s own stays', () => {
  const limits = [
    some('role', 'artists', 50),
    some('role', 'leads', 80),
    some('role', 'guests', 500),
    some('role', 'artists', 20, 'day'),
    some('person', 'ada', 60),
    some('person', 'ben', 5),
    some('channel', 'posters', 1),
  ];
  expect(limitsFor(limits, ada).map(({ id }) => id)).toEqual([
    'role leads week',
    'role artists day',
    'person ada week',
  ]);
});

test('a role’s limit is for each person by itself; a channel’s and a server’s for all together', () => {
  const spends = [spent(10, { person: 'ben' }), spent(3), spent(4, { channel: 'posters' })];
  const used = (limit: Limit) => tightestRoom([limit], ada, spends, now, 'UTC')?.used;
  expect(used(some('role', 'leads', 50))).toBe(7);
  expect(used(some('person', 'ada', 50))).toBe(7);
  expect(used(some('channel', 'moodboard', 50))).toBe(13);
  expect(used(some('server', null, 50))).toBe(17);
});

test('what was spent before this period counts no more; a limit lowered under what was spent has nothing left', () => {
  // The 26th of November 2026 is a Thursday.
  const spends = [spent(5, { at: Date.UTC(2026, 10, 22, 23, 59, 59) }), spent(7, { at: Date.UTC(2026, 10, 23) })];
  expect(tightestRoom([some('server', null, 50)], ada, spends, now, 'UTC')).toEqual({
    limit: 'server null week',
    scope: 'server',
    per: 'week',
    credits: 50,
    used: 7,
    until: Date.UTC(2026, 10, 30),
  });
  const over = tightestRoom([some('server', null, 3)], ada, spends, now, 'UTC');
  expect(over && leftIn(over)).toBe(0);
});

test('credits are added up to the cent', () => {
  const spends = Array.from({ length: 10 }, () => spent(0.1));
  const room = tightestRoom([some('server', null, 2)], ada, spends, now, 'UTC');
  expect(room?.used).toBe(1);
  expect(room && leftIn(room)).toBe(1);
});
