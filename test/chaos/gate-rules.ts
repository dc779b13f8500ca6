import { splitRecords } from './served-lists.ts';
import type { ServedList } from './served-lists.ts';

const minute = 60_000;
const confirmationMs = 45 * minute;
const emptyConfirmationMs = 24 * 60 * minute;

/**
 * Watches the gate (docs/architecture.md): a list with less than half of the records is published only when Partner Center served the
 * same one 45 minutes before, or a day before when it is empty, and nothing else was published meanwhile.
 */
export function createGateRules(report: (problem: string) => void, usualCount: number) {
  const isShort = (count: number) => count * 2 < usualCount;
  let last = { fetchedAt: Number.NaN, count: usualCount };

  return {
    published(list: ServedList, fetchedAt: number, served: readonly ServedList[]): void {
      const count = splitRecords(list.items).length;
      const waitMs = count === 0 ? emptyConfirmationMs : confirmationMs;
      const isConfirmed = served.some(
        ({ items, servedAt }) =>
          servedAt > last.fetchedAt && servedAt <= fetchedAt - waitMs && splitRecords(items).length === count,
      );
      if (isShort(count) && count !== last.count && !isConfirmed) {
        report(`a list of ${count} instead of ${usualCount} records was published without a confirmation`);
      }
      last = { fetchedAt, count };
    },
  };
}
