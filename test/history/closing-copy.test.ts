import { describe, expect, it } from 'vitest';
import { findClosingCopy } from '../../shared/history/closing-copy.ts';
import { listDailyCopies } from '../../shared/history/kept-list-names.ts';

/** The day of the copy that is served for October 2026, given the month that each day's copy is about. */
async function findOctober(periods: Readonly<Record<string, string>>): Promise<{ day?: string; read: number }> {
  const copies = listDailyCopies(Object.keys(periods).map((day) => `daily/${day.slice(0, 7)}/${day}.ndjson.gz`));
  let read = 0;
  const found = await findClosingCopy(copies, '2026-10', ({ day }) => {
    read += 1;
    return Promise.resolve(periods[day] ?? '');
  });
  return { ...(found && { day: found.day }), read };
}

describe('the daily copy that is served for a month', () => {
  it('is the last one about it, which may be of the next month', async () => {
    const periods = {
      '2026-10-30': '2026-10',
      '2026-11-01': '2026-10',
      '2026-11-02': '2026-11',
      '2026-11-03': '2026-10',
    };
    expect(await findOctober(periods)).toStrictEqual({ day: '2026-11-01', read: 2 });
  });

  it('is the last one of the month itself when the next month began with its own list', async () => {
    const periods = { '2026-10-29': '2026-10', '2026-10-30': '2026-10', '2026-11-01': '2026-11' };
    expect(await findOctober(periods)).toStrictEqual({ day: '2026-10-30', read: 2 });
  });

  it('is an earlier one when a record dated ahead made the last one look later', async () => {
    expect(await findOctober({ '2026-10-30': '2026-10', '2026-10-31': '2026-11' })).toStrictEqual({
      day: '2026-10-30',
      read: 2,
    });
  });

  it('is not an older one that came later', async () => {
    const periods = { '2026-11-01': '2026-10', '2026-11-02': '2026-09', '2026-11-03': '2026-11' };
    expect(await findOctober(periods)).toStrictEqual({ day: '2026-11-01', read: 3 });
  });

  it('is none when only older months were listed, and when nothing was', async () => {
    expect(await findOctober({ '2026-10-01': '2026-09', '2026-10-02': '2026-09' })).toStrictEqual({ read: 1 });
    expect(await findOctober({ '2026-10-31': '2026-11' })).toStrictEqual({ read: 1 });
    expect(await findOctober({})).toStrictEqual({ read: 0 });
  });
});
