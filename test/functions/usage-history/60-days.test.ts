import type { ContainerClient } from '@azure/storage-blob';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createBlobMonthStore } from '../../../shared/storage/month-store.ts';
import { createBlobSnapshotStore } from '../../../shared/storage/snapshot-store.ts';
import { createContainer } from '../../support/services/azurite.ts';
import { invoke } from '../../support/functions/invocation.ts';
import { createMemoryStore } from '../../support/services/memory-store.ts';
import { createRefreshRig } from '../../support/rigs/refresh-rig.ts';
import { createUsageFunctions } from '../../support/functions/usage-functions.ts';
import { createDownload } from '../../support/lists/usage-rows.ts';
import { snapshotOfLines } from '../../snapshot/records.ts';

const dayMs = 86_400_000;
const firstDay = Date.parse('2026-10-06');
const days = 60;
const customers = 6;
/** No list was fetched on this day. */
const withoutList = '2026-10-20';

const toDate = (day: number) => new Date(day).toISOString().slice(0, 10);
const idOf = (number: number) => `0000000${number}-aaaa-4bbb-8ccc-00000000000${number}`;
const dayOfMonth = (day: number) => new Date(day).getUTCDate();

/** Whether a list of the day has the customer: number 3 vanishes for a week and returns. */
const isListed = (number: number, day: number) => !(number === 3 && dayOfMonth(day) >= 10 && dayOfMonth(day) < 17);

/** What a customer costs on a day, in units of 10^-18: more digits than a double has. */
function dailyUnits(number: number, day: number): bigint {
  if (number === 0) return 0n;
  const step = BigInt(day / dayMs) * 1_000_003n + BigInt(number);
  return (step * step * 97n) % 40_000_000_000_000_000_000n;
}

/** What it costs from the first of the month up to the day. Number 4 is corrected downwards on the 18th, for good. */
function totalUnits(number: number, day: number): bigint {
  const date = dayOfMonth(day);
  let units = number === 4 && date >= 18 ? -25_000_000_000_000_000_000n : 0n;
  for (let at = 0; at < date; at += 1) units += dailyUnits(number, day - at * dayMs);
  return units;
}

/** Units as a decimal text, with all 18 places. */
function toText(units: bigint): string {
  const digits = String(units < 0n ? -units : units).padStart(19, '0');
  return `${units < 0n ? '-' : ''}${digits.slice(0, -18)}.${digits.slice(-18)}`;
}

const trim = (text: string) => text.replace(/\.?0+$/, '') || '0';

function lineOf(number: number, day: number): string {
  const budget = number === 5 ? '' : `"amount":${100 + number}`;
  return (
    `{"id":"${idOf(number)}","name":"Customer ${number}","isUpgraded":true,"budget":{${budget}},"percentUsed":${number}.${dayOfMonth(day)},` +
    `"totalCost":${toText(totalUnits(number, day))},"currencyCode":"EUR","lastModifiedDate":"${toDate(day)}T05:00:00Z"}`
  );
}

/** What the history must say of a customer on a day. */
function pointOf(number: number, day: number) {
  const isKnown = (each: number) => each >= firstDay && isListed(number, each) && toDate(each) !== withoutList;
  const missing = { totalCostText: '', dailyCostText: '', budgetAmount: null, period: null, missing: true };
  const date = toDate(day);
  const common = { customerId: idOf(number), date };
  if (!isKnown(day)) return { ...common, ...missing };
  const isNext = isKnown(day - dayMs) && dayOfMonth(day) > 1;
  return {
    ...common,
    totalCostText: toText(totalUnits(number, day)),
    dailyCostText: isNext ? trim(toText(totalUnits(number, day) - totalUnits(number, day - dayMs))) : '',
    budgetAmount: number === 5 ? null : 100 + number,
    period: date.slice(0, 7),
    missing: false,
  };
}

const answer = z.object({
  value: z.array(
    z.object({
      customerId: z.string(),
      date: z.string(),
      totalCostText: z.string(),
      dailyCostText: z.string(),
      budgetAmount: z.number().nullable(),
      period: z.string().nullable(),
      missing: z.boolean(),
    }),
  ),
});

/** The service over blob storage; a new process when it is created again. */
async function createService(container: ContainerClient, now: string) {
  const open = () => Promise.resolve(container);
  const stores = {
    store: createBlobSnapshotStore({ container: open }),
    months: createBlobMonthStore({ container: open }),
  };
  const rig = createRefreshRig({ now, memory: { ...createMemoryStore(), ...stores } });
  return createUsageFunctions({ rig });
}

describe('GET /api/usagehistory over 60 days', () => {
  it('tells what the upstream lists say, day by day and after every restart, and the fold can be made again', async () => {
    const container = await createContainer();
    let service = await createService(container, `${toDate(firstDay)}T07:00:00Z`);
    for (let day = firstDay; day < firstDay + days * dayMs; day += dayMs) {
      if (toDate(day) === withoutList) continue;
      const now = `${toDate(day)}T07:00:00Z`;
      if (dayOfMonth(day) % 9 === 0) service = await createService(container, now);
      const { rig } = service;
      rig.advanceMinutes((Date.parse(now) - rig.now()) / 60_000);
      const numbers = Array.from({ length: customers }, (_, number) => number).filter((number) =>
        isListed(number, day),
      );
      const snapshot = snapshotOfLines(numbers.map((number) => lineOf(number, day)));
      rig.serve(() => Promise.resolve({ ...createDownload([]), snapshot, totalCount: numbers.length }));
      expect((await service.refresh()).kind).toBe('published');
    }

    const last = firstDay + (days - 1) * dayMs;
    const ids = Array.from({ length: customers }, (_, number) => idOf(number));
    const query = `from=${toDate(firstDay - 3 * dayMs)}&to=${toDate(last)}&customerId=${ids.join(',')}`;
    const expected = ids.flatMap((_, number) =>
      Array.from({ length: days + 3 }, (__, at) => pointOf(number, firstDay + (at - 3) * dayMs)),
    );
    const { status, json } = await invoke(service.history, `/api/usagehistory?${query}`);
    expect(status).toBe(200);
    expect(answer.parse(json).value).toEqual(expected);
    // The story holds what it is about.
    expect(expected.some(({ dailyCostText }) => dailyCostText.startsWith('-'))).toBe(true);
    expect(expected.filter(({ missing }) => missing).length).toBeGreaterThan(customers * 4);

    const months = ['2026-10', '2026-11', '2026-12'].map((month) =>
      container.getBlockBlobClient(`history/${month}.ndjson.gz`),
    );
    const folded = await Promise.all(months.map((month) => month.downloadToBuffer()));
    for (const month of months) await month.delete();
    const again = await createService(container, new Date(last + 9 * 3_600_000).toISOString());
    again.rig.serve(() =>
      Promise.resolve({
        ...createDownload([]),
        snapshot: snapshotOfLines(ids.map((_, number) => lineOf(number, last))),
        totalCount: 6,
      }),
    );
    await again.refresh();
    expect(await Promise.all(months.map((month) => month.downloadToBuffer()))).toEqual(folded);
  });
});
