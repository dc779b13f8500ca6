import type { KeptList } from './kept-list-names.ts';
import type { FoldedDay } from './month-index.ts';

export type FoldPlan = {
  /** Whether the month is rebuilt without what was folded. */
  readonly isRebuild: boolean;
  /** The days to fold, oldest first. */
  readonly days: readonly KeptList[];
};

/**
 * What to fold of a month, given the days that were folded and the lists that are kept of it, oldest first. The month is rebuilt when a
 * folded day has a different list, or an earlier day was added. It is not rebuilt if a folded day's list is deleted: its figures exist
 * nowhere else.
 */
export function planFold(folded: readonly FoldedDay[], kept: readonly KeptList[]): FoldPlan {
  const last = folded.at(-1);
  if (last === undefined) return { isRebuild: true, days: kept };
  const isSame = folded.every(({ list }, position) => kept[position]?.blob === list);
  if (isSame) return { isRebuild: false, days: kept.slice(folded.length) };
  if (isEveryDayKept(folded, kept)) return { isRebuild: true, days: kept };
  return { isRebuild: false, days: kept.filter(({ day }) => day > last.date) };
}

/** The plan that rebuilds a month; one without days when the list of a folded day is deleted. */
export function planRebuild(folded: readonly FoldedDay[], kept: readonly KeptList[]): FoldPlan {
  return { isRebuild: true, days: isEveryDayKept(folded, kept) ? kept : [] };
}

/** Whether every folded day can be folded again. */
export function isEveryDayKept(folded: readonly FoldedDay[], kept: readonly KeptList[]): boolean {
  const days = new Set(kept.map(({ day }) => day));
  return folded.every(({ date }) => days.has(date));
}
