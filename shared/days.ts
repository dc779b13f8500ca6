export const dayMs = 86_400_000;

/** The UTC day of an instant, as `2026-11-20`. */
export function formatDay(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10);
}

/** The UTC day before a day, both as `2026-11-20`. */
export function getDayBefore(day: string): string {
  return addDays(day, -1);
}

/** The UTC day this many days later. */
export function addDays(day: string, count: number): string {
  return formatDay(Date.parse(day) + count * dayMs);
}

/** The UTC days from one to another, both included. */
export function listDays(from: string, to: string): string[] {
  const count = (Date.parse(to) - Date.parse(from)) / dayMs + 1;
  return Array.from({ length: Math.max(0, count) }, (_, position) => addDays(from, position));
}

/** The months of days, as `2026-11`, each once. */
export function listMonths(days: readonly string[]): string[] {
  return [...new Set(days.map((day) => day.slice(0, 7)))];
}
