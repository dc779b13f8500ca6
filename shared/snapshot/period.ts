import { dayMs } from '../days.ts';
import type { UsageSnapshot } from './snapshot.ts';

/** The UTC month of an instant, as `2026-11`. */
export function formatPeriod(instant: number): string {
  return new Date(instant).toISOString().slice(0, 7);
}

/** Formats the months of instants, `''` for NaN. Most rows of a list have one day, and formatting a date takes long. */
export function createPeriods(): (instant: number) => string {
  const known = new Map<number, string>();
  return (instant) => {
    if (Number.isNaN(instant)) return '';
    const day = Math.floor(instant / dayMs);
    const period = known.get(day) ?? formatPeriod(instant);
    known.set(day, period);
    return period;
  };
}

/**
 * The month a list is about: that of its newest `lastModifiedDate`, since Partner Center may still list the old month
 * early in a new one. A date in the future says nothing. An empty list is about the month it was fetched in.
 */
export function getSnapshotPeriod(snapshot: UsageSnapshot, fetchedAt: number): string {
  const newest = findNewestInstant(snapshot, fetchedAt + dayMs);
  return formatPeriod(newest === -Infinity ? fetchedAt : newest);
}

/** When the newest row was estimated, of those estimated by `latest`; -Infinity when no row says when. */
export function findNewestInstant({ lastModified }: UsageSnapshot, latest = Infinity): number {
  // Not Math.max, which a single date that cannot be read would turn into NaN.
  return lastModified.reduce(
    (newest, instant) => (instant > newest && instant <= latest ? instant : newest),
    -Infinity,
  );
}

/** The first instant of a UTC month, and the first of the next. */
export type PeriodBounds = { readonly startsAt: number; readonly endsAt: number };

/** The bounds of the month of `instant`. */
export function getPeriodBounds(instant: number): PeriodBounds {
  const date = new Date(instant);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  return { startsAt: Date.UTC(year, month), endsAt: Date.UTC(year, month + 1) };
}
