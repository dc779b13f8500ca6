import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { foldCase } from '../../shared/snapshot/case-fold.ts';
import { orderFields } from '../../shared/query/orderby.ts';
import type { OrderField } from '../../shared/query/orderby.ts';
import { createSortRows } from '../../shared/query/sort.ts';
import { documentedLines, snapshotOfLines, snapshotOfRecords, testRecords } from '../snapshot/records.ts';
import type { TestRecord } from '../snapshot/records.ts';
import { createSnapshot } from '../support/lists/usage-rows.ts';

const sortRows = createSortRows(async () => undefined);
const documented = snapshotOfLines(documentedLines);

describe('sortRows', () => {
  it.each([
    ['percentUsed', 'asc', [2, 0, 3, 1]],
    ['percentUsed', 'desc', [1, 3, 2, 0]],
    ['totalCost', 'desc', [1, 3, 2, 0]],
    ['usdTotalCost', 'asc', [0, 2, 1, 3]],
    ['customerName', 'asc', [0, 1, 3, 2]],
    ['budgetAmount', 'desc', [3, 1, 2, 0]],
    ['lastModifiedDate', 'asc', [0, 1, 2, 3]],
    ['pacePercent', 'desc', [1, 3, 2, 0]],
    ['projectedMonthEndCost', 'desc', [1, 3, 2, 0]],
  ] as const)('orders by %s %s', async (field, direction, rows) => {
    expect([...(await sortRows(documented, Uint32Array.of(0, 1, 2, 3), [{ field, direction }]))]).toStrictEqual(rows);
  });

  it.each([
    ['percentUsed', '"percentUsed":28.08', '"percentUsed":"much"'],
    ['percentUsed', '"amount":97', '"amount":"much"'],
    ['budgetAmount', '"amount":97', '"amount":"much"'],
    ['totalCost', '"totalCost":27.23292827625710931604', '"totalCost":"much"'],
    ['usdTotalCost', '"usdTotalCost":33.280000000000001044', '"usdTotalCost":"much"'],
    ['usdTotalCost', '"isUpgraded":true', '"isUpgraded":"much"'],
  ] as const)('puts a row last in %s, whose %s is unreadable', async (field, from, to) => {
    const [missing = '', high = '', , known = ''] = documentedLines;
    expect(known).toContain(from);
    const snapshot = snapshotOfLines([known.replace(from, to), high, missing]);
    const all = Uint32Array.of(0, 1, 2);
    const sort = async (direction: 'asc' | 'desc') => [...(await sortRows(snapshot, all, [{ field, direction }]))];
    expect(await sort('asc')).toEqual([2, 1, 0]);
    expect(await sort('desc')).toEqual([1, 2, 0]);
  });

  it('compares the first 256 characters of names: longer ones, such as a million combining marks, would take minutes', async () => {
    const long = 'a'.repeat(256);
    const short = 'a'.repeat(255);
    const names = [`${long}z`, `${long}y`, `${short}z`, `${short}y`];
    const snapshot = createSnapshot(names.map((name, row) => ({ id: `id-${row}`, name })));
    const sorted = await sortRows(snapshot, Uint32Array.of(0, 1, 2, 3), [{ field: 'customerName', direction: 'asc' }]);
    expect([...sorted]).toEqual([0, 1, 3, 2]);
  });

  it('orders names as an English index does: accents count after letters, digits as numbers', async () => {
    const names = [
      'Zeta',
      'Customer 10',
      'Résumé',
      'Ægir',
      'customer 9',
      '東京',
      'Adventure',
      'resumes',
      'Étoile',
      'Αθήνα',
      'Resume',
      'Straße',
      'Strasbourg',
      '',
    ];
    const rows = await sortRows(createSnapshot(names.map((name) => ({ name }))), Uint32Array.from(names.keys()), [
      { field: 'customerName', direction: 'asc' },
    ]);
    expect(Array.from(rows, (row) => names[row])).toStrictEqual([
      '',
      'Adventure',
      'Ægir',
      'customer 9',
      'Customer 10',
      'Étoile',
      'Resume',
      'Résumé',
      'resumes',
      'Strasbourg',
      'Straße',
      'Zeta',
      'Αθήνα',
      '東京',
    ]);
  });

  const steps = fc.uniqueArray(
    fc.record({ field: fc.constantFrom(...orderFields), direction: fc.constantFrom('asc' as const, 'desc' as const) }),
    { selector: ({ field }) => field, minLength: 1, maxLength: 3 },
  );

  test.prop([testRecords, steps], { numRuns: 200 })(
    'orders as a model over the parsed records does',
    async (records, order) => {
      const every = Uint32Array.from(records.keys());
      const expected = [...records.entries()].toSorted(([, one], [, other]) => {
        for (const { field, direction } of order) {
          const difference = compare(valueOf(one, field, records), valueOf(other, field, records));
          if (difference !== 0) return direction === 'asc' ? difference : -difference;
        }
        return (
          compare(one.resourceId.toLowerCase(), other.resourceId.toLowerCase()) ||
          Number(one.isUpgraded) - Number(other.isUpgraded)
        );
      });
      expect([...(await sortRows(snapshotOfRecords(records), every, order))]).toStrictEqual(
        expected.map(([row]) => row),
      );
    },
  );
});

describe('sortRows over figures that cannot be read', () => {
  it.each(['asc', 'desc'] as const)('puts them last, behind those that are null (%s)', async (direction) => {
    const budgets = ['{"amount":97}', '"97"', '{}'];
    const snapshot = snapshotOfLines(
      budgets.map((budget, row) => `{"id":"${row}","isUpgraded":true,"budget":${budget},"totalCost":1}`),
    );
    const rows = await sortRows(snapshot, Uint32Array.of(0, 1, 2), [{ field: 'budgetAmount', direction }]);
    expect([...rows]).toStrictEqual(direction === 'asc' ? [2, 0, 1] : [0, 2, 1]);
  });
});

describe('sortRows over a part of the rows', () => {
  const costs = Array.from({ length: 40 }, (_, row) => (row * 17) % 40);
  const snapshot = createSnapshot(
    costs.map((totalCost, row) => ({ totalCost, percentUsed: -totalCost, budget: row + 1 })),
  );
  const descending = (rows: readonly number[]) =>
    rows.toSorted((one, other) => (costs[other] ?? 0) - (costs[one] ?? 0));

  it.each([
    ['few rows', [3, 30]],
    ['half of the rows', Array.from({ length: 20 }, (_, row) => row * 2)],
    ['few rows again, now out of the kept order', [3, 30]],
    ['no row', []],
  ])('orders %s', async (_case, rows) => {
    const sorted = await sortRows(snapshot, Uint32Array.from(rows), [{ field: 'totalCost', direction: 'desc' }]);
    expect([...sorted]).toStrictEqual(descending(rows));
  });

  it('orders alike however many orders were asked for before', async () => {
    const every = Uint32Array.from(costs.keys());
    const first = [...(await sortRows(snapshot, every, [{ field: 'totalCost', direction: 'desc' }]))];
    for (const field of orderFields) {
      for (const direction of ['asc', 'desc'] as const) await sortRows(snapshot, every, [{ field, direction }]);
    }
    expect([...(await sortRows(snapshot, every, [{ field: 'totalCost', direction: 'desc' }]))]).toStrictEqual(first);
    expect(first).toStrictEqual(descending([...every]));
  });
});

function numberOf(name: string): number {
  return Number(name.slice('Customer '.length));
}

describe('sortRows over thousands of rows', () => {
  // Ids and names that repeat, so that every criterion has ties, and more rows than are sorted in one turn.
  const rows = Array.from({ length: 3000 }, (_, row) => ({
    id: `customer-${(row * 7919) % 50}-${row % 1500}`,
    name: `Customer ${(row * 31) % 700}`,
    totalCost: (row * 17) % 10,
  }));
  const snapshot = createSnapshot(rows);

  it('orders by name, cost and customer id, and lets others have their turn', async () => {
    let turns = 0;
    const sort = createSortRows(async () => {
      turns += 1;
    });
    const sorted = await sort(snapshot, Uint32Array.from(rows.keys()), [
      { field: 'customerName', direction: 'desc' },
      { field: 'totalCost', direction: 'asc' },
    ]);
    const expected = [...rows.entries()].toSorted(
      ([, one], [, other]) =>
        numberOf(other.name) - numberOf(one.name) ||
        one.totalCost - other.totalCost ||
        (one.id < other.id ? -1 : Number(one.id > other.id)),
    );
    expect([...sorted]).toStrictEqual(expected.map(([row]) => row));
    expect(turns).toBeGreaterThan(3);
  });
});

type Value = string | number | null;

/** An instant of a date-time, which is UTC where it has no offset. */
function parseInstant(text: string): number {
  return Date.parse(text.length > 19 ? text : `${text}Z`);
}

/** A figure over the share of the month that has passed; `null` where there is none, or the month is an older one. */
function projected(figure: number | null, record: TestRecord, all: readonly TestRecord[]): Value {
  const month = (date: string) => new Date(parseInstant(date)).toISOString().slice(0, 7);
  const newest = all
    .map(({ lastModifiedDate }) => month(lastModifiedDate))
    .toSorted()
    .at(-1);
  if (figure === null || !record.isUpgraded || month(record.lastModifiedDate) !== newest) return null;
  const start = Date.parse(`${newest}-01T00:00:00Z`);
  const end = Date.parse(`${month(new Date(start + 32 * 86_400_000).toISOString())}-01T00:00:00Z`);
  const elapsed = parseInstant(record.lastModifiedDate) - start;
  const value = Math.round((figure / (elapsed / (end - start))) * 100) / 100;
  return elapsed === 0 || !Number.isFinite(value) ? null : value;
}

function valueOf(record: TestRecord, field: OrderField, all: readonly TestRecord[]): Value {
  const amount = record.budget.amount ?? null;
  const values: Record<OrderField, Value> = {
    percentUsed: amount === null ? null : record.percentUsed,
    totalCost: record.totalCost,
    usdTotalCost: record.isUpgraded ? (record.usdTotalCost ?? null) : null,
    customerName: foldCase(record.resourceName ?? ''),
    budgetAmount: amount,
    lastModifiedDate: parseInstant(record.lastModifiedDate),
    pacePercent: projected(amount === null ? null : record.percentUsed, record, all),
    projectedMonthEndCost: projected(record.totalCost, record, all),
  };
  return values[field];
}

/** Texts as English orders them, `null` below everything. */
function compare(one: Value, other: Value): number {
  if (one === null || other === null) return Number(one !== null) - Number(other !== null);
  if (typeof one === 'number' && typeof other === 'number') return Math.sign(one - other);
  return String(one).localeCompare(String(other), 'en', { numeric: true });
}
