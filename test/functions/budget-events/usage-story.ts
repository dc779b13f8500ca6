import { createRoll } from '../../support/rigs/event-poller.ts';
import type { TestRow } from '../../support/lists/usage-rows.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const thresholds = [50, 80, 90, 100, 120];
const customers = 40;

/** The UTC day whose list is shown: a day's list comes at 06:00, so on the first of a month the old month is shown till then. */
export const getListDay = (now: number) => Math.floor((now - 6 * hourMs) / dayMs) * dayMs;

const dateOf = (day: number) => new Date(day).getUTCDate();
const isBetween = (day: number, from: string, to: string) => day >= Date.parse(from) && day < Date.parse(to);

/** What a customer does: its budget (0: none), and how many percent of it, or of 100, it spends a day of its billing period. */
function customerOf(number: number) {
  const roll = createRoll(number * 7919 + 1);
  const isLegacy = number % 4 === 1;
  return {
    id: `c${number}`,
    isLegacy,
    budget: number % 5 === 4 ? 0 : 100 * (1 + Math.floor(roll() * 9)),
    percentADay: number % 7 === 6 ? 0 : roll() * 7,
    /** Goes on showing its last row of October. */
    stopsInNovember: number % 11 === 3 && !isLegacy,
  };
}

/** Whether a list of this day has the customer: some vanish and return, one comes late, one leaves. */
function isListed(number: number, day: number): boolean {
  if (number % 6 === 2 && dateOf(day) >= 9 && dateOf(day) <= 12) return false;
  if (number % 6 === 5 && isBetween(day, '2026-10-30', '2026-11-03')) return false;
  if (number % 10 === 7 && dateOf(day) % 5 === 0) return false;
  if (number % 13 === 6 && isBetween(day, '2026-10-01', '2026-11-20')) return false;
  return !(number % 13 === 7 && day >= Date.parse('2026-11-20'));
}

/** The first day of the billing period: of the UTC month, or of the partner's month from the 28th to the 27th. */
function periodStartOf(number: number, day: number): number {
  const date = new Date(day);
  const month = date.getUTCMonth();
  if (!customerOf(number).isLegacy) return Date.UTC(date.getUTCFullYear(), month);
  return Date.UTC(date.getUTCFullYear(), dateOf(day) >= 28 ? month : month - 1, 28);
}

/** From the 20th on some have twice the budget. */
const budgetOf = (number: number, day: number) =>
  customerOf(number).budget * (number % 8 === 1 && dateOf(day) >= 20 ? 2 : 1);

/** Percent used by the end of `day`; some costs are corrected downwards for two days. */
function percentOf(number: number, day: number): number {
  const { percentADay, budget } = customerOf(number);
  const spentDays = (day - periodStartOf(number, day)) / dayMs + 1;
  const isCorrected = number % 3 === 0 && (dateOf(day) === 14 || dateOf(day) === 15);
  const percent = Math.round(percentADay * (isCorrected ? spentDays - 9 : spentDays) * 100) / 100;
  return (percent * budget) / (budgetOf(number, day) || budget || 1) || percent * Number(budget === 0);
}

/** What Partner Center lists for a day. */
export function createList(day: number): TestRow[] {
  const numbers = Array.from({ length: customers }, (_, number) => number).filter((number) => isListed(number, day));
  return numbers.map((number) => {
    const { id, budget, isLegacy, stopsInNovember } = customerOf(number);
    const own = stopsInNovember && day >= Date.parse('2026-11-01') ? Date.parse('2026-10-31') : day;
    return {
      id,
      totalCost: (percentOf(number, own) * (budgetOf(number, own) || 100)) / 100,
      percentUsed: budget === 0 ? 0 : percentOf(number, own),
      budget: budget === 0 ? undefined : budgetOf(number, own),
      isUpgraded: !isLegacy,
      lastModifiedDate: new Date(own + 5 * hourMs).toISOString(),
    };
  });
}

/** What happened, in the story's own words: `2026-10-28 c5 80* of 300 from 76.2`, the day being the first of the period. */
export type StoryEvent = { readonly text: string; readonly what: string };

/** The same words for an event: what it is about, in which of the customer's periods, and from where it came. */
export function inWords(number: number, day: number, what: string, from: number | null): string {
  const period = new Date(periodStartOf(number, day)).toISOString().slice(0, 10);
  return `${period} ${customerOf(number).id} ${what} of ${budgetOf(number, day)} from ${from}`;
}

/** Everything that happens after `firstDay`, whose list is where the service begins. */
export function tellStory(firstDay: number, lastDay: number): StoryEvent[] {
  return Array.from({ length: customers }, (_, number) => tellCustomer(number, firstDay, lastDay)).flat();
}

function tellCustomer(number: number, firstDay: number, lastDay: number): StoryEvent[] {
  const { budget, stopsInNovember } = customerOf(number);
  const events = new Map<string, StoryEvent>();
  let last: { readonly day: number; readonly facts: readonly string[]; readonly percent: number } | undefined;
  for (let day = firstDay; day <= lastDay; day += dayMs) {
    if (stopsInNovember && day >= Date.parse('2026-11-01')) break;
    if (!isListed(number, day)) continue;
    const isSamePeriod = last !== undefined && periodStartOf(number, last.day) === periodStartOf(number, day);
    const before = isSamePeriod ? last : undefined;
    const percent = percentOf(number, day);
    const from = budget === 0 ? null : (before?.percent ?? null);
    const facts = factsOf(number, day);
    const isPassed = (threshold: number) => budget > 0 && (from ?? 0) < threshold && threshold <= percent;
    const passed = thresholds.filter(isPassed);
    const happened = [
      ...passed.map((threshold) => `${threshold}${threshold === passed.at(-1) ? '*' : ''}`),
      ...facts.filter((fact) => !before?.facts.includes(fact)),
    ];
    for (const what of day === firstDay ? [] : happened) {
      // A happening counts once in its period for a budget, wherever it came from the second time.
      const key = inWords(number, day, what.replace('*', ''), null);
      if (!events.has(key)) events.set(key, { what, text: inWords(number, day, what, from) });
    }
    last = { day, facts, percent };
  }
  return [...events.values()];
}

/** What is true of a customer on a day besides its percentage. */
function factsOf(number: number, day: number): string[] {
  const { budget, percentADay, isLegacy } = customerOf(number);
  if (budget === 0) return percentADay > 0 ? ['firstSpendWithoutBudget'] : [];
  const start = new Date(periodStartOf(number, day));
  const daysOfMonth = (Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1) - start.getTime()) / dayMs;
  const elapsedDays = dateOf(day) - 1 + 5 / 24;
  const isOver = !isLegacy && elapsedDays >= 5 && (percentOf(number, day) / elapsedDays) * daysOfMonth > 100;
  return isOver ? ['projectedOverBudget'] : [];
}
