import { parseSnapshot } from '../../../shared/snapshot/snapshot.ts';
import type { UsageDownload } from '../../../shared/ports.ts';

/** One customer of a list of the day: what it has cost so far, with all digits. */
type Line = { readonly number: number; readonly totalCost: string; readonly day: string };

const hourMs = 3_600_000;

/**
 * What Partner Center lists at an instant: the batch of the day appears at 06:00 UTC, and costs grow by the day of the month. Customer 2
 * is gone from November 10 to 14, and on November 20 the costs of customer 1 are corrected downwards.
 */
export function listUsage(now: number): UsageDownload {
  const day = new Date(now - 6 * hourMs).toISOString().slice(0, 10);
  const lines = [0, 1, 2, 3]
    .filter((number) => number !== 2 || day < '2026-11-10' || day > '2026-11-14')
    .map((number) => ({ number, totalCost: computeCost(number, day), day }));
  return createLineDownload(lines);
}

function computeCost(number: number, day: string): string {
  const days = Number(day.slice(8)) - (number === 1 && day >= '2026-11-20' && day < '2026-12-01' ? 5 : 0);
  return `${days * (number + 1)}.5682999999995904${String(number).padStart(3, '0')}`;
}

/** A download of these customers. */
export function createLineDownload(lines: readonly Line[]): UsageDownload {
  const text = lines.map(
    ({ number, totalCost, day }) =>
      `{"budget":{"amount":50},"percentUsed":${Math.trunc(Number(totalCost)) * 2},"isUpgraded":true,` +
      `"resourceId":"00000000-0000-4000-8000-00000000000${number}","resourceName":"Customer ${number}","totalCost":${totalCost},` +
      `"currencyCode":"EUR","usdTotalCost":${Math.trunc(Number(totalCost))}.56,"lastModifiedDate":"${day}T05:08:11.1433333+00:00"}\n`,
  );
  const snapshot = parseSnapshot(Buffer.from(text.join('')));
  const ids = { requestId: undefined, correlationId: undefined };
  return { snapshot, totalCount: lines.length, pages: 1, bytes: snapshot.lines.length, ...ids };
}
