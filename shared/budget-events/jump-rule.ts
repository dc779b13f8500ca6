import { dayMs } from '../days.ts';

/** How many known days a day is compared with, and how many are needed: a whole week. */
const comparedDays = 14;
const fewestDays = 7;
/** How far above the usual day a jump is: as a multiple of the median, and in spreads above it. */
const leastFactor = 6;
const leastSpreads = 6;
/** A jump is also far above every compared day: weekly rhythms have days far above the median. */
const leastHighestFactor = 2.25;
/** Monthly charges, such as reservations and Marketplace plans, appear on the first days of a month. */
const chargeDays = 3;
/** How many days before a day may explain its cost: reversed corrections and late figures. */
const explainingDays = 5;
/** Scales the median deviation to the standard deviation of a normal distribution. */
const deviationScale = 1.4826;
const weekDays = 7;

export type JumpCandidate = {
  /** The cost of the day so far, in the row's currency. */
  readonly cost: number;
  /** The costs of the UTC days before, yesterday last; NaN where a day is not known. */
  readonly costsBefore: ArrayLike<number>;
  /** An instant of the day; epoch milliseconds. */
  readonly day: number;
  /** How much more than usual the cost must be, in the row's currency; NaN when that cannot be said. */
  readonly leastRise: number;
};

/** What a jump was compared with: positions in `costsBefore`, ascending by cost. The usual cost is the median of these days. */
export type Jump = { readonly comparedDays: readonly number[] };

/** Whether the cost of a day can be a jump at all, whatever the days before were: that of most rows cannot. */
export function isLargeEnough({ cost, leastRise }: Pick<JumpCandidate, 'cost' | 'leastRise'>): boolean {
  // NaN compares as false.
  return cost > 0 && cost >= leastRise;
}

/**
 * The jump of a row whose cost of the day is far above usual; `undefined` when it is not, or when too little is known. On the
 * first days of a month a single rise is a charge, and a rise that repeats on the next day is a jump.
 */
export function findJump({ cost, costsBefore, day, leastRise }: JumpCandidate): Jump | undefined {
  if (!isLargeEnough({ cost, leastRise })) return undefined;
  const today = costsBefore.length;
  const isChargeDay = (position: number) => new Date(day - (today - position) * dayMs).getUTCDate() <= chargeDays;
  const sorted = listComparedDays(costsBefore, isChargeDay);
  const isWeekdayKnown = sorted.includes(today - weekDays) || sorted.includes(today - 2 * weekDays);
  if (sorted.length < fewestDays || !isWeekdayKnown) return undefined;
  const sortedCosts = sorted.map((position) => Number(costsBefore[position]));
  const highest = Number(sortedCosts[sortedCosts.length - 1]);
  const limit = calculateLimit(sortedCosts, leastRise);
  const isFarAbove = (position: number, dayCost: number) => {
    const explained = sumCorrections(costsBefore, position) + countLateDays(costsBefore, position) * highest;
    return dayCost - explained >= limit;
  };
  if (!isFarAbove(today, cost)) return undefined;
  const isCharge = isChargeDay(today - countLateDays(costsBefore, today));
  if (isCharge && !isFarAbove(today - 1, Number(costsBefore[today - 1]))) return undefined;
  return { comparedDays: sorted };
}

/** The last known days, ascending by cost. Days of monthly charges are not usual ones. */
function listComparedDays(costs: ArrayLike<number>, isChargeDay: (position: number) => boolean): number[] {
  const known: number[] = [];
  for (let position = costs.length - 1; position >= 0 && known.length < comparedDays; position -= 1) {
    if (!Number.isNaN(costs[position]) && !isChargeDay(position)) known.push(position);
  }
  return known.toSorted((a, b) => Number(costs[a]) - Number(costs[b]));
}

/** The least cost of a day that is far above these, which ascend. */
function calculateLimit(costs: readonly number[], leastRise: number): number {
  const usual = calculateMedian(costs);
  const deviations = costs.map((cost) => Math.abs(cost - usual)).toSorted((a, b) => a - b);
  const spread = deviationScale * calculateMedian(deviations);
  const highest = Number(costs[costs.length - 1]);
  return Math.max(usual + leastRise, usual * leastFactor, usual + spread * leastSpreads, highest * leastHighestFactor);
}

/** The corrections downwards shortly before, which the day may take back. */
function sumCorrections(costs: ArrayLike<number>, today: number): number {
  let sum = 0;
  for (let position = Math.max(0, today - explainingDays); position < today; position += 1) {
    const cost = Number(costs[position]);
    if (cost < 0) sum -= cost;
  }
  return sum;
}

/** How many days the figures stood still just before, unlike a week earlier: the day may have the costs of these days too. */
function countLateDays(costs: ArrayLike<number>, today: number): number {
  let days = 0;
  while (days < explainingDays && costs[today - 1 - days] === 0 && costs[today - 1 - days - weekDays] !== 0) days += 1;
  return days;
}

/** The median of ascending numbers. */
function calculateMedian(sorted: readonly number[]): number {
  const middle = sorted.length / 2;
  return (Number(sorted[Math.ceil(middle) - 1]) + Number(sorted[Math.floor(middle)])) / 2;
}
