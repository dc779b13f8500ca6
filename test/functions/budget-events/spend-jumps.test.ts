import { describe, expect, it } from 'vitest';
import { DependencyError } from '../../../shared/errors.ts';
import { invoke } from '../../support/functions/invocation.ts';
import { createSpendingDays } from './spending-days.ts';
import type { Spending } from './spending-days.ts';

const id = '00000000-0000-4000-8000-00000000000a';
const other = '00000000-0000-4000-8000-00000000000b';

const days = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => `2026-11-${String(from + at).padStart(2, '0')}`);

/** The total of a customer that spends 10 a day in November, and more if that is said. */
const usual = (day: string, more = 0): Spending => ({
  id,
  totalCost: `${Number(day.slice(8)) * 10 + more}`,
  budget: '600',
});

type Service = ReturnType<typeof createSpendingDays>;

/** A service that has seen these days, at 07:00 each. */
async function started(seen = days(3, 19), rowsOf: (day: string) => readonly Spending[] = (day) => [usual(day)]) {
  const service = createSpendingDays();
  for (const day of seen) await service.refresh(`${day}T07:00`, rowsOf(day));
  await service.poll();
  return service;
}

/** What the flow gets when 20 November has this list. */
async function jumpsOf(service: Service, rows: readonly Spending[]) {
  await service.refresh('2026-11-20T07:00', rows);
  return service.poll();
}

describe('spendJump', () => {
  it('is told by the first list of the day that shows it, and once', async () => {
    const service = await started();
    await service.refresh('2026-11-20T03:00', [usual('2026-11-19')]);
    expect(await service.poll()).toEqual([]);
    await service.refresh('2026-11-20T07:00', [usual('2026-11-20', 90)]);
    expect(await service.poll()).toEqual([`2026-11-20 ${id} 10`]);
    await service.refresh('2026-11-20T08:00', [usual('2026-11-20', 90)]);
    await service.refresh('2026-11-20T09:00', [usual('2026-11-20', 120)]);
    service.restart();
    await service.refresh('2026-11-20T10:00', [usual('2026-11-20', 150)]);
    await service.refresh('2026-11-21T01:00', [usual('2026-11-20', 150)]);
    await service.refresh('2026-11-21T07:00', [usual('2026-11-21', 150)]);
    expect(await service.poll()).toEqual([`2026-11-20 ${id} 10`]);
  });

  it('says the cost of the day and the usual cost with every digit', async () => {
    const totals = new Map(
      days(3, 19).map((day, at) => [day, `${30 + 10 * at + Math.floor(at / 2)}.${String(at).padStart(16, '0')}`]),
    );
    const service = await started(days(3, 19), (day) => [
      { id, totalCost: totals.get(day) ?? '', budget: '600', percentUsed: '33.10' },
    ]);
    await jumpsOf(service, [
      { id, totalCost: '303.0000000000000018', budget: '600', percentUsed: '50.50' },
      { id: other, totalCost: '1' },
    ]);
    const line = service
      .storedEvents()
      .split('\n')
      .find((text) => text.includes('spendJump'));
    expect(line).toBe(
      `{"id":"2026-11_${id}_azure-plan_spendJump_2026-11-20","sequence":${Date.parse('2026-11-20T07:00:00Z')},"kind":"spendJump","threshold":null,` +
        `"isHighest":true,"customerId":"${id}","customerName":"Contoso","period":"2026-11","hasBudget":true,"budgetAmount":600,` +
        '"percentUsed":50.50,"totalCost":303.0000000000000018,"totalCostText":"303.0000000000000018","currencyCode":"EUR",' +
        '"usdTotalCost":0,"isUpgraded":true,"lastModifiedDate":"2026-11-20T05:00:00Z","pacePercent":78.87,' +
        '"projectedMonthEndCost":473.23,"forecastConfidence":"high","budgetStatus":"ok","date":"2026-11-20","dailyCost":105.0000000000000002,"dailyCostText":"105.0000000000000002",' +
        '"usualDailyCost":10.5000000000000001,"usualDailyCostText":"10.5000000000000001","dailyCostFactor":10,"previousPercentUsed":33.10,"crossedAt":"2026-11-20T07:00:00.000Z"}',
    );
  });

  it('has null in the members of the other kinds', async () => {
    const service = await started(days(3, 4));
    await service.refresh('2026-11-05T07:00', [{ id, totalCost: '590', budget: '600', percentUsed: '98.3' }]);
    expect(service.storedEvents()).toContain(
      '"date":null,"dailyCost":null,"dailyCostText":"","usualDailyCost":null,"usualDailyCostText":"","dailyCostFactor":null,',
    );
    expect(service.storedEvents()).not.toContain('spendJump');
  });

  it('comes exactly once at whatever step the process dies', async () => {
    const reference = await started();
    const before = reference.memory.operations.length;
    expect(await jumpsOf(reference, [usual('2026-11-20', 90)])).toHaveLength(1);
    const steps = reference.memory.operations.length - before;
    expect(steps).toBeGreaterThan(10);
    for (let dead = 1; dead <= steps; dead += 1) {
      const service = await started();
      let step = 0;
      service.memory.beforeEach(() => {
        step += 1;
        if (step >= dead) throw new DependencyError('StorageUnavailable', 'connection reset');
      });
      await service.refresh('2026-11-20T07:00', [usual('2026-11-20', 90)]);
      service.memory.beforeEach();
      service.restart();
      for (const hour of ['08', '09']) await service.refresh(`2026-11-20T${hour}:00`, [usual('2026-11-20', 90)]);
      expect(await service.poll()).toEqual([`2026-11-20 ${id} 10`]);
    }
  });

  it.each(['readStart', 'replace', 'listBlobs'])(
    'waits for the next list, even the same one, while the day before cannot be added to the history (%s)',
    async (operation) => {
      const service = await started();
      service.memory.beforeEach((step) => {
        if (step.startsWith(operation)) throw new DependencyError('StorageUnavailable', 'storage is down');
      });
      const jump = [usual('2026-11-20', 90)];
      expect(await service.refresh('2026-11-20T07:00', jump)).toEqual(['history.failed', 'refresh.published']);
      expect(await service.poll()).toEqual([]);
      service.memory.beforeEach();
      service.restart();
      const logged = await service.refresh('2026-11-20T08:00', jump);
      expect(logged).toEqual(['history.folded', 'events.found', 'refresh.unchanged']);
      expect(await service.refresh('2026-11-20T09:00', jump)).toEqual(['refresh.unchanged']);
      expect(await service.poll()).toEqual([`2026-11-20 ${id} 10`]);
    },
  );

  it('waits for the next list, even the same one, while the days before cannot be read', async () => {
    const service = await started();
    expect(await service.refresh('2026-11-20T03:00', [usual('2026-11-19')])).toContain('history.folded');
    service.memory.beforeEach((step) => {
      if (step.startsWith('readStart')) throw new DependencyError('StorageUnavailable', 'storage is down');
    });
    const jump = [usual('2026-11-20', 90)];
    expect(await service.refresh('2026-11-20T07:00', jump)).toEqual(['history.failed', 'refresh.published']);
    service.memory.beforeEach();
    expect(await service.refresh('2026-11-20T08:00', jump)).toEqual(['events.found', 'refresh.unchanged']);
    expect(await service.poll()).toEqual([`2026-11-20 ${id} 10`]);
  });

  it('is told a day later when the day before is missing', async () => {
    const service = await started(days(3, 18));
    expect(await jumpsOf(service, [usual('2026-11-20', 90)])).toEqual([]);
    await service.refresh('2026-11-21T07:00', [usual('2026-11-21', 180)]);
    expect(await service.poll()).toEqual([`2026-11-21 ${id} 10`]);
  });

  it('needs seven known days', async () => {
    expect(await jumpsOf(await started(days(13, 19)), [usual('2026-11-20', 90)])).toEqual([]);
    expect(await jumpsOf(await started(days(12, 19)), [usual('2026-11-20', 90)])).toHaveLength(1);
  });

  it('comes of no customer that was missing, and of none that is new', async () => {
    const service = await started(days(3, 19), (day) => (day > '2026-11-16' ? [] : [usual(day)]));
    expect(await jumpsOf(service, [usual('2026-11-20', 90), { id: other, totalCost: '900', budget: '600' }])).toEqual(
      [],
    );
  });

  it.each<[what: string, row: Omit<Spending, 'id' | 'totalCost'>, expected: number]>([
    ['with a budget of which it is a tenth', { budget: '900' }, 1],
    ['with a budget of which it is less than a tenth', { budget: '901' }, 0],
    ['without a budget, in USD', { currencyCode: 'USD' }, 1],
    ['with a budget of 0, in USD', { currencyCode: 'USD', budget: '0' }, 1],
    ['without a budget, when it costs 50 USD more', { currencyCode: 'SEK', usdTotalCost: '162' }, 1],
    ['without a budget, when it costs less than 50 USD more', { currencyCode: 'SEK', usdTotalCost: '161' }, 0],
    ['without a budget or a cost in USD', { currencyCode: 'SEK' }, 0],
    ['of a legacy record with a budget', { isUpgraded: false, budget: '600' }, 1],
    ['of a legacy record without one', { isUpgraded: false, usdTotalCost: '290' }, 0],
    ['with a budget that cannot be read', { budget: '"600"' }, 0],
  ])('judges a tenfold day %s', async (_what, row, expected) => {
    const spending = (day: string, more = 0) => [{ id, totalCost: usual(day, more).totalCost, ...row }];
    const service = await started(days(3, 19), (day) => spending(day));
    expect(await jumpsOf(service, spending('2026-11-20', 90))).toHaveLength(expected);
  });

  it('has no factor when nothing is usual', async () => {
    const idle = { id, totalCost: '50', budget: '600' };
    const service = await started(days(3, 19), () => [idle]);
    await jumpsOf(service, [{ ...idle, totalCost: '150.5' }]);
    expect(service.storedEvents()).toContain(
      '"dailyCost":100.5,"dailyCostText":"100.5","usualDailyCost":0,"usualDailyCostText":"0","dailyCostFactor":null,',
    );
  });

  it.each([
    ['of the day', (day: string) => usual(day)],
    ['of every day', (day: string) => ({ ...usual(day), totalCost: `${usual(day).totalCost}.${'0'.repeat(1024)}` })],
  ])('is not told when the figures %s are too long to subtract', async (_, rowOf) => {
    const service = await started(days(3, 19), (day) => [rowOf(day)]);
    expect(await jumpsOf(service, [{ id, totalCost: `290.${'0'.repeat(1024)}`, budget: '600' }])).toEqual([]);
    await service.refresh('2026-11-20T08:00', [usual('2026-11-20', 90)]);
    expect(await service.poll()).toHaveLength(rowOf('').totalCost.length > 1024 ? 0 : 1);
  });

  it('does not compare currencies', async () => {
    const service = await started();
    expect(await jumpsOf(service, [{ ...usual('2026-11-20', 90), currencyCode: 'SEK' }])).toEqual([]);
  });

  it('comes of no doubtful list, nor of the true one after it', async () => {
    const service = await started(days(3, 18));
    const zero = { ...usual('2026-11-19'), totalCost: '0' };
    for (const hour of ['08', '09', '10', '23'])
      await service.refresh(`2026-11-19T${hour}:00`, hour === '08' ? [usual('2026-11-19')] : [zero]);
    expect(service.memory.pointer()?.snapshot).toMatchObject({ hasCost: false, gate: 'confirmed' });
    expect(await jumpsOf(service, [usual('2026-11-20')])).toEqual([]);
    expect(service.memory.pointer()?.snapshot).toMatchObject({ hasCost: true, gate: 'accepted' });
  });

  it('begins again with the month, and leaves charges of its first days alone', async () => {
    const service = await started([...days(3, 30)]);
    const december = (day: number, totalCost: number) =>
      service.refresh(`2026-12-0${day}T07:00`, [{ id, totalCost: String(totalCost), budget: '600' }]);
    await december(1, 300);
    await december(2, 710);
    await december(3, 720);
    await december(4, 730);
    expect(await service.poll()).toEqual([]);
    await december(5, 830);
    expect(await service.poll()).toEqual([`2026-12-05 ${id} 10`]);
  });

  it.each([
    ['kind=spendJump', ['spendJump']],
    ['kind=budgetThreshold', ['budgetThreshold']],
    ['', ['budgetThreshold', 'spendJump']],
    ['threshold=50', ['budgetThreshold']],
    ['threshold=50&kind=budgetThreshold,spendJump', ['budgetThreshold', 'spendJump']],
    ['threshold=80', []],
  ])('is chosen by kind and not by threshold: %s', async (query, kinds) => {
    const service = await started();
    const events = service.functions().events;
    const first = await invoke(events, `/api/budget-events?${query}`);
    await service.refresh('2026-11-20T07:00', [{ ...usual('2026-11-20', 90), percentUsed: '50' }]);
    const { pathname, search } = new URL(first.headers['location'] ?? '');
    const { body } = await invoke(events, pathname + search);
    expect((body === '' ? [] : JSON.parse(body)).map(({ kind }: { kind: string }) => kind)).toEqual(kinds);
  });
});
