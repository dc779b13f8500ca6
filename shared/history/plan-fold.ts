import type { KeptList } from './kept-lists.ts';
import type { FoldedDay } from './month-index.ts';

export type FoldPlan = {
  /** Whether the month starts again without what was folded. */
  readonly isFresh: boolean;
  /** The days to fold, oldest first. */
  readonly days: readonly KeptList[];
};

/**
 * What to fold of a month, given the days that were folded and the lists that are kept of it, oldest first. The month starts again when
 * a folded day has another list by now, or an earlier day has one; but not once the list of a folded day is deleted, because its figures
 * exist nowhere else.
 */
export function planFold(folded: readonly FoldedDay[], kept: readonly KeptList[]): FoldPlan {
  const isSame = folded.every(({ list }, position) => kept[position]?.blob === list);
  if (isSame) return { isFresh: folded.length === 0, days: kept.slice(folded.length) };
  if (isEveryDayKept(folded, kept)) return { isFresh: true, days: kept };
  const last = folded.at(-1)?.date ?? '';
  return { isFresh: false, days: kept.filter(({ day }) => day > last) };
}

/** The plan that starts a month again; one without days when the list of a folded day is deleted. */
export function planRebuild(folded: readonly FoldedDay[], kept: readonly KeptList[]): FoldPlan {
  return { isFresh: true, days: isEveryDayKept(folded, kept) ? kept : [] };
}

/** Whether every folded day can be folded again. */
export function isEveryDayKept(folded: readonly FoldedDay[], kept: readonly KeptList[]): boolean {
  const days = new Set(kept.map(({ day }) => day));
  return folded.every(({ date }) => days.has(date));
}
