import type { UsageDownload } from '../../../shared/ports.ts';
import { parseSnapshot } from '../../../shared/snapshot/snapshot.ts';
import type { UsageSnapshot } from '../../../shared/snapshot/snapshot.ts';

export type TestRow = {
  readonly id?: string;
  readonly name?: string;
  readonly totalCost?: number;
  readonly percentUsed?: number;
  readonly budget?: number | undefined;
  readonly isUpgraded?: boolean;
  readonly lastModifiedDate?: string;
};

/** The snapshot of these rows, built as the product builds it: from NDJSON lines. */
export function createSnapshot(rows: readonly TestRow[]): UsageSnapshot {
  return parseSnapshot(Buffer.from(rows.map((row, position) => `${lineOf(row, position)}\n`).join('')));
}

/** A complete download of these rows. */
export function createDownload(rows: readonly TestRow[]): UsageDownload {
  const snapshot = createSnapshot(rows);
  return {
    snapshot,
    totalCount: rows.length,
    pages: 1,
    bytes: snapshot.lines.length,
    requestId: 'c2b1a4a0-0000-4000-8000-000000000001',
    correlationId: 'c2b1a4a0-0000-4000-8000-000000000002',
  };
}

/** `count` rows that cost something, with ids of their own. */
export function createRows(count: number): TestRow[] {
  return Array.from({ length: count }, (_, position) => ({ totalCost: position + 1 }));
}

function lineOf(row: TestRow, position: number): string {
  return JSON.stringify({
    budget: row.budget === undefined ? {} : { amount: row.budget },
    percentUsed: row.percentUsed ?? 0,
    isUpgraded: row.isUpgraded ?? true,
    resourceId: row.id ?? `00000000-0000-4000-8000-${String(position).padStart(12, '0')}`,
    resourceName: row.name ?? `Customer ${position}`,
    totalCost: row.totalCost ?? 0,
    currencyCode: 'EUR',
    usdTotalCost: 0,
    lastModifiedDate: row.lastModifiedDate ?? '2026-11-20T17:08:11.1433333+00:00',
  });
}
