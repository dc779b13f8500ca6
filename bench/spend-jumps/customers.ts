import type { Random } from './random.ts';

/** What a customer of a kind costs on a day of ordinary business, as a multiple of its average day. */
type Rhythm = (date: Date, random: Random) => number;

const isWeekend = (date: Date) => date.getUTCDay() % 6 === 0;
const jitter = (random: Random, sigma: number) => Math.exp(sigma * random.normal());

/** The kinds of ordinary customers. The rhythm of each is made once a customer. */
const rhythms = {
  /** Machines that run day and night. */
  steady: () => (_date, random) => jitter(random, 0.06),
  /** Machines that are switched off at weekends, or used less. */
  office: (random) => {
    const weekend = random.pick([0, 0.1, 0.3, 0.6]);
    return (date, dice) => (isWeekend(date) ? weekend : 1.3) * jitter(dice, 0.15);
  },
  /** A shop or a club: busy at weekends. */
  weekend: (random) => {
    const busy = random.between(2, 5);
    return (date, dice) => (isWeekend(date) ? busy : 0.7) * jitter(dice, 0.2);
  },
  noisy: () => (_date, random) => jitter(random, 0.45),
  /** A large job on the same day of each week. */
  weekly: (random) => {
    const weekday = Math.floor(random.between(0, 7));
    const peak = random.between(3, 8);
    return (date, dice) => (date.getUTCDay() === weekday ? peak : 0.8) * jitter(dice, 0.15);
  },
  /** Large jobs on any day, one or two a week. */
  spiky: (random) => {
    const share = random.between(0.12, 0.3);
    const peak = random.between(2, 5);
    return (_date, dice) => (dice.chance(share) ? peak * dice.between(0.6, 1) : 0.8) * jitter(dice, 0.2);
  },
  /** Payroll and closing of the books. */
  monthEnd: (random) => {
    const peak = random.between(1.5, 3);
    return (date, dice) => (date.getUTCDate() >= 26 ? peak : 0.9) * jitter(dice, 0.15);
  },
  /** Nothing on most days. */
  idle: () => (_date, random) => (random.chance(0.15) ? random.between(0.5, 6) : 0.02) * jitter(random, 0.3),
} as const satisfies Record<string, (random: Random) => Rhythm>;

/** Kinds that differ in something else than their rhythm. */
const otherKinds = ['tiny', 'growing', 'new', 'charged', 'corrected'] as const;

export type CustomerKind = keyof typeof rhythms | (typeof otherKinds)[number];

const plainRhythms = ['steady', 'office', 'noisy'] as const;

/** How many of a partner's customers are of each kind: our assumption. */
export const customerShares: Readonly<Record<CustomerKind, number>> = {
  steady: 0.3,
  office: 0.22,
  weekend: 0.03,
  noisy: 0.06,
  weekly: 0.02,
  spiky: 0.01,
  monthEnd: 0.03,
  idle: 0.05,
  tiny: 0.08,
  growing: 0.05,
  new: 0.05,
  charged: 0.08,
  corrected: 0.02,
};

/** Every kind, in the order of the table. */
export const customerKinds: readonly CustomerKind[] = [
  'steady',
  'office',
  'weekend',
  'noisy',
  'weekly',
  'spiky',
  'monthEnd',
  'idle',
  ...otherKinds,
];

export type Customer = {
  readonly kind: CustomerKind;
  /** In USD, for any month with an ordinary price level. */
  readonly averageDay: number;
  /** In USD a month; `undefined`: none. */
  readonly budget: number | undefined;
  /** Day of the simulation on which it appears. */
  readonly firstDay: number;
  costOn(day: number, date: Date): number;
  /** Charged once a month, with the first day's usage. */
  readonly monthlyCharge: number;
  readonly correctionsAYear: number;
};

/** A customer of this kind that lives through `days` days. */
export function createCustomer(kind: CustomerKind, days: number, random: Random): Customer {
  const rhythm = createRhythm(kind, random);
  const averageDay = 10 ** randomPower(kind, random);
  const growthAYear = kind === 'growing' ? random.between(0.4, 1.5) : random.between(-0.2, 0.4);
  const stepsAYear = kind === 'growing' ? 3 : 0.5;
  const isNew = kind === 'new';
  const firstDay = isNew ? Math.floor(random.between(20, days * 0.6)) : 0;
  const rampDays = isNew ? random.between(10, 45) : 0;
  const monthlyCharge = kind === 'charged' ? averageDay * random.between(3, 40) : 0;
  let level = 1;
  return {
    kind,
    averageDay,
    budget: random.chance(0.6)
      ? Math.max(kind === 'idle' ? 100 : 0, averageDay * 30 * random.between(0.7, 3) + monthlyCharge)
      : undefined,
    firstDay,
    monthlyCharge,
    correctionsAYear: kind === 'corrected' ? 10 : 0.7,
    costOn(day, date) {
      level *= 1 + growthAYear / 365;
      // A new workload, or one that is switched off.
      if (random.chance(stepsAYear / 365)) level *= random.pick([0.5, 0.7, 1.3, 1.5, 2]);
      const ramp = rampDays === 0 ? 1 : Math.min(1, (day - firstDay + 1) / rampDays) ** 2;
      return averageDay * level * ramp * rhythm(date, random);
    },
  };
}

/** The power of ten of an average day in USD. */
function randomPower(kind: CustomerKind, random: Random): number {
  if (kind === 'tiny') return random.between(-2.5, 0);
  return kind === 'idle' ? random.between(-1.7, -0.2) : random.between(-0.5, 3);
}

function createRhythm(kind: CustomerKind, random: Random): Rhythm {
  return rhythms[hasOwnRhythm(kind) ? kind : random.pick(plainRhythms)](random);
}

function hasOwnRhythm(kind: CustomerKind): kind is keyof typeof rhythms {
  return Object.hasOwn(rhythms, kind);
}
