import { expect, test } from 'vitest';
import { checkCron, nextTime } from './cron.ts';
import { plan } from './plan.ts';

const at = (text: string) => new Date(`2026-${text}Z`);
const times = (planned: ReturnType<typeof plan>) => planned.times.map((time) => time.toISOString().slice(5, 16));

test('a schedule goes by its own clock, also where that changes', () => {
  const berlin = (after: string) => nextTime('30 8 * * *', 'Europe/Berlin', at(after))?.toISOString();
  expect(berlin('03-28T00:00:00')).toBe('2026-03-28T07:30:00.000Z');
  expect(berlin('03-29T00:00:00')).toBe('2026-03-29T06:30:00.000Z');
  // 02:30 does not exist that night.
  expect(nextTime('30 2 * * *', 'Europe/Berlin', at('03-28T12:00:00'))?.toISOString()).toBe('2026-03-30T00:30:00.000Z');
});

test('what is no cron expression, no time zone, or never comes is told', () => {
  expect(checkCron('*/5 * * * *', 'America/New_York')).toBeUndefined();
  expect(checkCron('0 0 1-7 * mon')).toBeUndefined();
  for (const bad of ['', '* * * *', '61 * * * *', '*/0 * * * *', 'a b c d e', '* * * * * * *', '0 0 31 2 *']) {
    expect(checkCron(bad), bad).toEqual(expect.any(String));
  }
  expect(checkCron('* * * * *', 'Mars/Olympus')).toContain('time zone');
});

const hourly = { cron: '0 * * * *' };

test('a time that was just reached begins a run, whatever is said of missed ones', () => {
  for (const missed of ['skip', 'once', 'all'] as const) {
    const planned = plan({ ...hourly, missed }, at('11-21T10:00:00'), at('11-21T10:00:02'));
    expect(times(planned)).toEqual(['11-21T10:00']);
    expect(planned.next).toEqual(at('11-21T11:00:00'));
  }
});

test('missed times begin no run, one, or one each', () => {
  const away = (missed: 'skip' | 'once' | 'all') =>
    plan({ ...hourly, missed }, at('11-21T08:00:00'), at('11-21T10:30:00'));
  expect(times(away('skip'))).toEqual([]);
  expect(times(away('once'))).toEqual(['11-21T10:00']);
  expect(times(away('all'))).toEqual(['11-21T08:00', '11-21T09:00', '11-21T10:00']);
  expect(away('skip').next).toEqual(at('11-21T11:00:00'));
});

test('after a long absence the newest hundred are made up for', () => {
  const every = (cron: string) => plan({ cron, missed: 'all' }, at('01-01T00:00:00'), at('11-21T10:00:00'));
  for (const cron of ['* * * * * *', '* * * * *', '0 * * * *', '0 0 * * *']) {
    const { times: planned, next } = every(cron);
    expect(planned).toHaveLength(100);
    expect(planned.at(-1)?.getTime()).toBeLessThanOrEqual(at('11-21T10:00:00').getTime());
    expect(next?.getTime()).toBeGreaterThan(at('11-21T10:00:00').getTime());
  }
  expect(times(every('0 0 1 * *'))).toHaveLength(11);
});
