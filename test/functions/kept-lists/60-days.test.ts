import { beforeAll, describe, expect, it } from 'vitest';
import { createBlobSnapshotStore } from '../../../shared/storage/snapshot-store.ts';
import { createContainer } from '../../support/services/azurite.ts';
import { invoke } from '../../support/functions/invocation.ts';
import { listUsage } from '../../support/lists/kept-days.ts';
import { createMemoryStore } from '../../support/services/memory-store.ts';
import { createRefreshRig } from '../../support/rigs/refresh-rig.ts';
import { createUsageFunctions } from '../../support/functions/usage-functions.ts';

const list = '/api/customers/usagerecords';
const customer = `${list}/00000000-0000-4000-8000-000000000002`;
const requests = [
  ['list', `${list}?`],
  ['list', `${list}?view=flat&minPercentUsed=40&orderby=totalCost%20desc&currencyCode=EUR&`],
  ['list', `${list}?format=csv&csvSeparator=semicolon&`],
  ['summary', '/api/usagesummary?'],
  ['customer', `${customer}?view=flat&`],
] as const;
const days = Array.from({ length: 60 }, (_, number) =>
  new Date(Date.parse('2026-10-20') + number * 24 * 3_600_000).toISOString().slice(0, 10),
);

let functions: ReturnType<typeof createUsageFunctions>;
/** What the service answered at the end of each day, by day and request. */
const served = new Map<string, { readonly status: number; readonly rows: string }>();

beforeAll(async () => {
  const container = await createContainer();
  const memory = { ...createMemoryStore(), store: createBlobSnapshotStore({ container: async () => container }) };
  const rig = createRefreshRig({ now: '2026-10-20T00:30:00Z', memory });
  rig.serve(async () => listUsage(rig.now()));
  functions = createUsageFunctions({ rig });
  for (const day of days) {
    await functions.refresh();
    rig.advanceMinutes(6 * 60);
    await functions.refresh();
    rig.advanceMinutes(17 * 60);
    for (const [route, path] of requests) served.set(`${day} ${path}`, await ask(route, path));
    rig.advanceMinutes(60);
  }
}, 120_000);

/** The answer up to what it says of the snapshot, byte for byte. */
async function ask(route: 'list' | 'customer' | 'summary', path: string) {
  const params = route === 'customer' ? { customerId: path.slice(customer.length - 36, customer.length) } : {};
  const { status, body } = await invoke(functions[route], path.slice(0, -1), { params });
  const [rows = ''] = status === 200 ? body.split(',"snapshot":') : [''];
  return { status, rows };
}

describe('60 days of lists', () => {
  it.each(requests)('%s %s answers of each day what it answered on that day, byte for byte', async (route, path) => {
    for (const day of days) {
      const answer = await ask(route, `${path}asOf=${day}&`);
      expect([day, answer]).toStrictEqual([day, served.get(`${day} ${path}`)]);
    }
  });

  it('had a customer who vanished and came again, and a correction downwards', () => {
    const statuses = days.map((day) => served.get(`${day} ${customer}?view=flat&`)?.status);
    expect(statuses.filter((status) => status === 404)).toHaveLength(5);
    const [before, after] = ['2026-11-19', '2026-11-20'].map(
      (day) => served.get(`${day} ${list}?format=csv&csvSeparator=semicolon&`)?.rows,
    );
    expect(before).toContain(';38.5682999999995904001;');
    expect(after).toContain(';30.5682999999995904001;');
  });

  it.each([
    ['2026-10', '2026-10-31', '124.5682999999995904003'],
    ['2026-11', '2026-11-30', '120.5682999999995904003'],
  ])(
    'close %s with the list of %s, which was served until the first hours of the next month',
    async (period, day, cost) => {
      const { json, body } = await invoke(functions.list, `${list}?period=${period}`);
      expect(body.split(',"snapshot":')[0]).toBe(served.get(`${day} ${list}?`)?.rows);
      expect(body).toContain(`"totalCost":${cost}`);
      expect(json).toMatchObject({ snapshot: { period, version: 1, state: 'historical' } });
    },
  );
});
