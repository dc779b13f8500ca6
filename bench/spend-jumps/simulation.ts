import { findJump } from '../../shared/budget-events/jump-rule.ts';
import { createCustomer, customerKinds, customerShares } from './customers.ts';
import type { Customer, CustomerKind } from './customers.ts';
import { createCalendar, listCosts } from './listed-costs.ts';
import type { Calendar } from './listed-costs.ts';
import { createRandom } from './random.ts';
import type { Random } from './random.ts';

/** How many days before a day the detector sees. */
const shownDays = 31;
/** Days of a month on which a single charge is no jump. */
const chargeDays = 3;

export type Floors = { readonly budgetPercent: number; readonly usd: number };

export type KindFigures = {
  customerMonths: number;
  falseEvents: number;
  /** Days that cost ten times the average, one at a time: those that are large enough, and those of them that were told. */
  tenfoldDays: number;
  tenfoldTold: number;
  /** Those that are below the floor; none should be told. */
  tenfoldBelowFloor: number;
};

/** False events per 1000 customer-months, and the share of tenfold days that the first list told. */
export type Rates = { readonly falsePerThousand: number; readonly told: number };

/** The rates of one kind; NaN without any such day. */
export function calculateRates({ falseEvents, customerMonths, tenfoldTold, tenfoldDays }: KindFigures): Rates {
  return { falsePerThousand: (falseEvents / customerMonths) * 1000, told: tenfoldTold / tenfoldDays };
}

/** The rates of a partner whose customers are of these kinds, by their shares. */
export function mixRates(figures: ReadonlyMap<CustomerKind, KindFigures>): Rates {
  let [falsePerThousand, told, days] = [0, 0, 0];
  for (const [kind, row] of figures) {
    const share = customerShares[kind];
    falsePerThousand += share * calculateRates(row).falsePerThousand;
    told += share * row.tenfoldTold;
    days += share * row.tenfoldDays;
  }
  return { falsePerThousand, told: told / days };
}

/** What the detector says of simulated years, by kind of customer. A day counts as tenfold from the 4th of a month on. */
export function simulate(
  options: { readonly seed: number; readonly years: number; readonly customersAKind: number } & Floors,
): ReadonlyMap<CustomerKind, KindFigures> {
  const { seed, years, customersAKind, ...floors } = options;
  const random = createRandom(seed);
  const calendar = createCalendar(years, random);
  return new Map(
    customerKinds.map((kind) => {
      const figures = { customerMonths: 0, falseEvents: 0, tenfoldDays: 0, tenfoldTold: 0, tenfoldBelowFloor: 0 };
      for (let number = 0; number < customersAKind; number += 1) {
        const customer = createCustomer(kind, calendar.dates.length, random);
        watchCustomer(customer, { calendar, floors, figures, random });
      }
      return [kind, figures];
    }),
  );
}

type Watch = {
  readonly calendar: Calendar;
  readonly floors: Floors;
  readonly figures: KindFigures;
  readonly random: Random;
};

function watchCustomer(customer: Customer, { calendar, floors, figures, random }: Watch): void {
  const { dates } = calendar;
  const costs = subtractDays(customer, calendar, random);
  const { budget } = customer;
  const leastRise = budget === undefined ? floors.usd : (budget * floors.budgetPercent) / 100;
  figures.customerMonths += (dates.length - customer.firstDay) / (365 / 12);
  for (const [day, date] of dates.entries()) {
    const cost = costs[day] ?? Number.NaN;
    if (Number.isNaN(cost)) continue;
    const costsBefore = costs.subarray(Math.max(0, day - shownDays), day);
    const isTold = (dayCost: number) =>
      findJump({ cost: dayCost, costsBefore, day: date.getTime(), leastRise }) !== undefined;
    if (isTold(cost)) figures.falseEvents += 1;
    const known = costsBefore.filter((each) => !Number.isNaN(each));
    if (!random.chance(0.05) || known.length < shownDays / 2 || date.getUTCDate() <= chargeDays) continue;
    const average = known.slice(-14).reduce((sum, each) => sum + Math.max(0, each), 0) / 14;
    if (average * 9 < leastRise * 1.2) {
      figures.tenfoldBelowFloor += 1;
      continue;
    }
    figures.tenfoldDays += 1;
    if (isTold(average * 10)) figures.tenfoldTold += 1;
  }
}

/** The cost of each day: what the list has more than that of the day before; NaN where a month begins or a copy is missing. */
function subtractDays(customer: Customer, calendar: Calendar, random: Random): Float64Array {
  const { month, total } = listCosts(customer, calendar, random);
  return total.map((sum, day) => {
    const isComparable =
      calendar.isKept[day] === true && calendar.isKept[day - 1] === true && month[day] === month[day - 1];
    return isComparable ? sum - (total[day - 1] ?? Number.NaN) : Number.NaN;
  });
}
