import { z } from 'zod';
import { parseJson } from '../../parse-json.ts';
import type { CloudClock } from '../control/clock.ts';
import { createUsageRow, findListDay } from './usage-data.ts';
import type { UsageRow } from './usage-row.ts';

const json = z.string().refine((text) => parseJson(text) !== undefined, 'expected JSON text');

/**
 * Changes one customer's rows from now on. `members` sets members by value, `raw` by their JSON text where exact digits
 * matter, `remove` drops them. With `isUpgraded` only that one of a customer's two rows changes:
 * `{ "customerId": "…", "isUpgraded": true, "members": { "budget": { "amount": 50 } }, "raw": { "totalCost": "12.30000000000000001" } }`
 */
export const recordChange = z.strictObject({
  customerId: z.string(),
  isUpgraded: z.boolean().optional(),
  members: z.record(z.string(), z.json()).default({}),
  raw: z.record(z.string(), json).default({}),
  remove: z.array(z.string()).default([]),
});

type RecordChange = z.infer<typeof recordChange>;

type RowKey = Pick<RecordChange, 'customerId' | 'isUpgraded'>;

export type UsageList = ReturnType<typeof createUsageList>;

type Envelope = { readonly totalCount?: number; readonly next?: object };

/** Partner Center's collection envelope around `rows`. */
export function formatCollection(rows: readonly UsageRow[], envelope: Envelope = {}): string {
  return formatEnvelope(rows.map(formatRow), envelope);
}

/** The list of Partner Center with this many records. */
export function createUsageList(clock: CloudClock, customers: number) {
  let count = customers;
  let changes: readonly RecordChange[] = [];
  let held: { readonly day: number; readonly body: Buffer } | undefined;

  function mapRows<T>(use: (row: UsageRow) => T, day = findListDay(clock.now())): T[] {
    return Array.from({ length: count }, (_, number) => {
      const row = createUsageRow(number, day);
      return use(changes.filter((change) => matches(change, row)).reduce(changeRow, row));
    });
  }

  return {
    customers: () => count,
    setCustomers(wanted: number): void {
      count = wanted;
      held = undefined;
    },
    /** Whether a listed row matches the change. */
    has: (key: RowKey): boolean => mapRows((row) => matches(key, row)).includes(true),
    change(change: RecordChange): void {
      changes = [...changes, change];
      held = undefined;
    },
    rows: (): readonly UsageRow[] => mapRows((row) => row),
    /** The whole list as Partner Center sends it; built once for each day and change. */
    body(): Buffer {
      const day = findListDay(clock.now());
      // Row by row to text: 100 000 rows as objects would take half a gigabyte.
      if (held?.day !== day) held = { day, body: Buffer.from(formatEnvelope(mapRows(formatRow, day))) };
      return held.body;
    },
  };
}

function formatEnvelope(items: readonly string[], { totalCount = items.length, next }: Envelope = {}): string {
  const self = { uri: '/customers/usagerecords', method: 'GET', headers: [] };
  const links = JSON.stringify({ self, ...(next && { next }) });
  const attributes = '{"objectType": "Collection"}';
  return `{"totalCount": ${totalCount}, "items": [${items.join(',\n')}], "links": ${links}, "attributes": ${attributes}}`;
}

function formatRow(row: UsageRow): string {
  const members = Object.entries(row).map(([name, text]) => `${JSON.stringify(name)}: ${text}`);
  return `{${members.join(', ')}}`;
}

function matches({ customerId, isUpgraded }: RowKey, row: UsageRow): boolean {
  const isCustomer = row['resourceId']?.toLowerCase() === JSON.stringify(customerId).toLowerCase();
  return isCustomer && (isUpgraded === undefined || row['isUpgraded'] === String(isUpgraded));
}

function changeRow(row: UsageRow, { members, raw, remove }: RecordChange): UsageRow {
  const set = Object.entries(members).map(([name, value]): [string, string] => [name, JSON.stringify(value)]);
  const all = new Map([...Object.entries(row), ...set, ...Object.entries(raw)]);
  for (const name of remove) all.delete(name);
  return Object.fromEntries(all);
}
