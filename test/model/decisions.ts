import { findCrossings } from '../../shared/budget-events/crossings.ts';
import { calculateBackoff, checkDue } from '../../shared/refresh/schedule.ts';
import { findRefusalRule } from '../../shared/snapshot/gate.ts';
import { emptyPointer } from '../../shared/snapshot/pointer.ts';
import type { SnapshotPointer } from '../../shared/snapshot/pointer.ts';
import { describeSnapshot } from '../../shared/refresh/publish.ts';
import { createDownload } from '../support/lists/usage-rows.ts';
import type { UsageSnapshot } from '../../shared/snapshot/snapshot.ts';
import { cutList, oldest, tickMs } from './state.ts';
import type { Pointer } from './state.ts';

/** The decisions of the protocol are the product's own functions; this file translates between them and the model's states. */

const now = Date.parse('2026-11-20T12:00:00Z');
const thresholds = [50];
/** What share of its budget the one customer has used in each list. */
const percents = [10, 60];

export const lastList = percents.length - 1;

const info = describeSnapshot(createDownload([{}, {}, {}, {}]), 'accepted', now);
const plausible = createDownload([{}, {}, {}, {}]).snapshot;
const implausible = createDownload([{}]).snapshot;

/** Whether the product would start a refresh by this pointer. A reader's wish counts, which waits least. */
export function isDue({ list, age, wait }: Pointer): boolean {
  return decideDue(list, age, wait);
}

const decideDue = memoize((list: number | null, age: number, wait: number | null): boolean => {
  const failure = wait === null ? null : createFailure(wait);
  const snapshot = list === null ? null : { ...info, fetchedAt: now - age * tickMs };
  return checkDue({ ...emptyPointer, snapshot, failure }, 'reader', now, 24 * tickMs) === undefined;
});

function createFailure(wait: number): NonNullable<SnapshotPointer['failure']> {
  const common = { count: 1, refreshTokenVersion: null, upstreamCode: null, cure: null, detail: null };
  return { code: 'UpstreamUnavailable', at: now, notBefore: now + wait * tickMs, ...common };
}

/** Whether the gate lets a list replace the published one. */
export function isPlausible(list: number, { list: last }: Pointer): boolean {
  const trusted = last === null ? null : { recordCount: info.recordCount, hasCost: info.hasCost };
  return findRefusalRule(list === cutList ? implausible : plausible, trusted, now) === undefined;
}

/** The thresholds that the customer has crossed between two lists; none in the very first list. */
export const findEvents = memoize((list: number, last: number | null): readonly number[] => {
  if (last === null) return [];
  const search = findCrossings({
    next: createList(list),
    last: createList(last),
    known: new Map(),
    period: '2026-11',
    lastPeriod: '2026-11',
    isComplete: true,
    hasCost: true,
    fetchedAt: now,
    lastFetchedAt: now - tickMs,
    thresholds,
    budgetLimits: { warningPercent: 80, overPercent: 100 },
  });
  for (;;) {
    const { done, value } = search.next();
    if (done === true) return value.events.map(({ threshold }) => threshold ?? 0);
  }
});

/** The date is too early in its month for a projection. */
function createList(list: number): UsageSnapshot {
  const customer = { percentUsed: percents[list] ?? 0, budget: 1000, lastModifiedDate: '2026-11-03T05:00:00Z' };
  return createDownload([{ ...customer, totalCost: customer.percentUsed * 10 }]).snapshot;
}

/** Ticks until the attempt after the first failure. */
export const firstWait = Math.min(Math.ceil(calculateBackoff(1, undefined, () => 0) / tickMs), oldest);

function memoize<T extends readonly unknown[], R>(decide: (...args: T) => R): (...args: T) => R {
  const known = new Map<string, R>();
  return (...args) => {
    const key = JSON.stringify(args);
    const result = known.get(key) ?? decide(...args);
    known.set(key, result);
    return result;
  };
}
