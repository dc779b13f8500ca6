import type { Customer } from './customers.ts';
import type { Random } from './random.ts';

const dayMs = 24 * 3_600_000;

/** What all customers have in common: the days, and when Partner Center and the service were late. */
export type Calendar = {
  readonly dates: readonly Date[];
  /** Whether Partner Center showed the figures of the day before again. */
  readonly isLate: readonly boolean[];
  /** Whether the service kept a copy of the day. */
  readonly isKept: readonly boolean[];
};

/** As many days as the years have, from 1 January 2026. */
export function createCalendar(years: number, random: Random): Calendar {
  const days = Math.round(years * 365);
  return {
    dates: Array.from({ length: days }, (_, day) => new Date(Date.UTC(2026, 0, 1) + day * dayMs)),
    isLate: Array.from({ length: days }, () => random.chance(0.015)),
    isKept: Array.from({ length: days }, () => !random.chance(0.005)),
  };
}

/** What the list of each day says of a customer: its month, and the cost of that month so far in USD. */
export type ListedCosts = { readonly month: Int32Array; readonly total: Float64Array };

/** The months' totals, with what is late, corrected and charged; NaN before the customer's first day. */
export function listCosts(customer: Customer, { dates, isLate }: Calendar, random: Random): ListedCosts {
  const month = new Int32Array(dates.length).fill(-1);
  const total = new Float64Array(dates.length).fill(Number.NaN);
  const corrections = createCorrections(customer, random);
  let [spent, postponed, charge] = [0, 0, 0];
  let chargedOn = 1;
  for (const [day, date] of dates.entries()) {
    if (day < customer.firstDay) continue;
    if (date.getUTCDate() === 1) {
      spent = 0;
      charge = customer.monthlyCharge;
      chargedOn = random.pick([1, 1, 2, 2, 2, 3]);
    }
    postponed += customer.costOn(day, date);
    if (date.getUTCDate() >= chargedOn) {
      postponed += charge;
      charge = 0;
    }
    if (isLate[day] === true && day > 0) {
      month[day] = month[day - 1] ?? -1;
      total[day] = total[day - 1] ?? Number.NaN;
      continue;
    }
    // Figures of one customer may be a day behind those of the others.
    if (!random.chance(0.01)) {
      spent += postponed;
      postponed = 0;
    }
    month[day] = date.getUTCFullYear() * 12 + date.getUTCMonth();
    total[day] = Math.round((spent + corrections(date, spent)) * 1e6) / 1e6;
  }
  return { month, total };
}

/** Corrections downwards; most are taken back after one to three days, and the others stay until the month ends. */
function createCorrections({ correctionsAYear }: Customer, random: Random): (date: Date, spent: number) => number {
  let open = 0;
  let daysLeft = 0;
  return (date, spent) => {
    if (date.getUTCDate() === 1) open = 0;
    if (daysLeft > 0) {
      daysLeft -= 1;
      if (daysLeft === 0) open = 0;
    }
    if (open === 0 && random.chance(correctionsAYear / 365)) {
      open = -spent * random.between(0.05, 0.6);
      daysLeft = random.chance(0.7) ? 1 + Math.floor(random.between(0, 3)) : 0;
    }
    return open;
  };
}
