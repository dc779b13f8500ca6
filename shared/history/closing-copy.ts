import { getPeriodBounds } from '../snapshot/period.ts';
import type { KeptList } from './kept-list-names.ts';

/**
 * The daily copy served for a month without a closing list: the last one that is about the month, before the first one that is about a
 * later month. `readPeriod` loads a copy, so few are read: usually the first two of the next month, or one.
 */
export async function findClosingCopy(
  daily: readonly KeptList[],
  period: string,
  readPeriod: (copy: KeptList) => Promise<string>,
): Promise<KeptList | undefined> {
  const { startsAt, endsAt } = getPeriodBounds(Date.parse(`${period}-01`));
  let last: KeptList | undefined;
  // Partner Center lists the old month for some hours of the new one.
  for (const copy of daily.filter(({ fetchedAt }) => fetchedAt >= endsAt)) {
    const listed = await readPeriod(copy);
    if (listed > period) break;
    if (listed === period) last = copy;
  }
  if (last !== undefined) return last;
  for (const copy of daily.filter(({ fetchedAt }) => fetchedAt >= startsAt && fetchedAt < endsAt).toReversed()) {
    const listed = await readPeriod(copy);
    if (listed === period) return copy;
    if (listed < period) return undefined;
  }
  return undefined;
}
