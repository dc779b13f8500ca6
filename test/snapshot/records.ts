import { fc } from '@fast-check/vitest';
import { createSnapshotBuilder } from '../../shared/snapshot/snapshot.ts';
import type { UsageSnapshot } from '../../shared/snapshot/snapshot.ts';
import { runToCompletion } from '../../shared/turns.ts';

/** A usage record as a test writes it. */
export type TestRecord = {
  readonly resourceId: string;
  readonly resourceName: string | null;
  readonly isUpgraded: boolean;
  readonly budget: { readonly amount?: number | null };
  readonly percentUsed: number;
  readonly totalCost: number;
  readonly usdTotalCost?: number | null;
  readonly currencyCode?: string;
  readonly lastModifiedDate: string;
};

/** The documented sample of the collection, `lastModifiedDate` and all. Source: Partner Center REST, "Get usage records for all customers". */
export const documentedLines = [
  '{"budget":{"attributes":{"objectType":"SpendingBudget"}},"percentUsed":0,"isUpgraded":false,"resourceId":"81B08B1A-3D5F-4F6C-9E0B-5A5E7F4A0001","id":"81B08B1A-3D5F-4F6C-9E0B-5A5E7F4A0001","resourceName":"LEGACY AZURE CUSTOMER SE","name":"LEGACY AZURE CUSTOMER SE","totalCost":0,"currencyLocale":"fr-FR","usdTotalCost":0,"lastModifiedDate":"2019-08-01T23:00:16.57+00:00"}',
  '{"budget":{"amount":20},"percentUsed":602.84,"isUpgraded":true,"resourceId":"5a5e7f4a-0000-4000-8000-000000000002","resourceName":"Modern Azure Customer SE","totalCost":120.5682999999995904716,"currencyCode":"SEK","usdTotalCost":12.39999999999999985235,"lastModifiedDate":"2019-09-17T17:08:11.1433333+00:00"}',
  '{"budget":{"amount":null},"percentUsed":0,"isUpgraded":true,"resourceId":"5a5e7f4a-0000-4000-8000-000000000003","resourceName":"Test_Test_MA20190829_14","totalCost":0,"currencyCode":"GBP","usdTotalCost":0,"lastModifiedDate":"2019-09-17T17:08:11.1433333+00:00"}',
  '{"budget":{"amount":97},"percentUsed":28.08,"isUpgraded":true,"resourceId":"5a5e7f4a-0000-4000-8000-000000000004","resourceName":"Modern Azure Customer UK","totalCost":27.23292827625710931604,"currencyCode":"GBP","usdTotalCost":33.280000000000001044,"lastModifiedDate":"2019-09-17T17:08:11.1433333+00:00"}',
];

/** A snapshot built of lines as a download builds it. */
export function snapshotOfLines(lines: readonly string[]): UsageSnapshot {
  const builder = createSnapshotBuilder();
  for (const line of lines) builder.add(Buffer.from(line), 0);
  return runToCompletion(builder.build());
}

const amount = fc.oneof(fc.constantFrom(0, 80, 100, -3), fc.double({ min: -1000, max: 1000, noNaN: true }));
const nullable = fc.oneof(fc.constant(null), amount);

/** Records with many ties: few customers, names, currencies and amounts. */
const testRecord: fc.Arbitrary<TestRecord> = fc.record(
  {
    resourceId: fc.constantFrom(
      'AAAAAAAA-0000-4000-8000-000000000001',
      'bbbbbbbb-0000-4000-8000-000000000002',
      'cccccccc-0000-4000-8000-000000000003',
    ),
    resourceName: fc.oneof(
      fc.constantFrom(null, '', 'Contoso', 'CONTOSO', 'Straße 7', 'STRASSE', 'Ａｃｍｅ', '😀', '\uffee', 'Zoë', 'ΟΔΟΣ'),
      fc.string({ unit: 'grapheme', maxLength: 4 }),
    ),
    isUpgraded: fc.boolean(),
    budget: fc.record({ amount: nullable }, { requiredKeys: [] }),
    percentUsed: amount,
    totalCost: amount,
    usdTotalCost: nullable,
    currencyCode: fc.constantFrom('SEK', 'GBP', 'EUR'),
    lastModifiedDate: fc.constantFrom(
      '2026-11-01T00:00:00Z',
      '2026-11-02T10:00:00.1234567+00:00',
      '2026-11-02T12:00:00.12+02:00',
      '2026-11-03T00:00:00',
    ),
  },
  {
    requiredKeys: [
      'resourceId',
      'resourceName',
      'isUpgraded',
      'budget',
      'percentUsed',
      'totalCost',
      'lastModifiedDate',
    ],
  },
);

/** A list of records. */
export const testRecords = fc.array(testRecord, { maxLength: 12 });

/** A snapshot of records. */
export function snapshotOfRecords(records: readonly TestRecord[]): UsageSnapshot {
  return snapshotOfLines(records.map((record) => JSON.stringify(record)));
}
