import { getPeriodBounds } from '../snapshot/period.ts';

const dayMs = 24 * 3_600_000;
/** Full days of the month after which a projection means something, and after which it means much. */
const mediumAfterDays = 5;
const highAfterDays = 10;

export type Pace = {
  /** Of the row's own month, at its `lastModifiedDate`. */
  readonly elapsedShare: number;
  /** What the month will have cost if it goes on as it went, in the row's currency. */
  readonly projectedMonthEndCost: number;
  readonly confidence: 'low' | 'medium' | 'high';
};

/** How fast a row spends: its cost over the elapsed share of its month. On the month's first instant that share is 0. */
export function calculatePace(lastModified: number, totalCost: number): Pace {
  const { startsAt, endsAt } = getPeriodBounds(lastModified);
  const elapsedDays = (lastModified - startsAt) / dayMs;
  const elapsedShare = (lastModified - startsAt) / (endsAt - startsAt);
  return {
    elapsedShare,
    projectedMonthEndCost: totalCost / elapsedShare,
    confidence: elapsedDays < mediumAfterDays ? 'low' : elapsedDays < highAfterDays ? 'medium' : 'high',
  };
}
