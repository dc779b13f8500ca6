import { describe, expect, it } from 'vitest';
import { emptyEventLog, extendEventLog, parseEventLog } from '../../shared/budget-events/event-log.ts';
import type { BudgetEvent } from '../../shared/budget-events/event.ts';
import { createFlatRows } from '../../shared/views/flat-row.ts';
import { createSnapshot } from '../support/lists/usage-rows.ts';

const dayMs = 24 * 3_600_000;

describe('the event log', () => {
  const getFlatRow = createFlatRows(createSnapshot([{ percentUsed: 80, budget: 1000, totalCost: 800 }]), {
    warningPercent: 80,
    overPercent: 100,
  });
  const eventAt = (crossedAt: number, customerId: string): BudgetEvent => ({
    kind: 'budgetThreshold',
    threshold: 80,
    isHighest: true,
    row: { ...getFlatRow(0), customerId },
    previousPercentUsed: '0',
    crossedAt,
    restartedAt: null,
    jump: null,
  });
  const start = Date.parse('2026-11-03T06:00:00Z');

  it('drops events older than 62 days when it grows', () => {
    let log = emptyEventLog;
    for (const days of [0, 61, 62, 63]) {
      const fetchedAt = start + days * dayMs;
      const extension = extendEventLog(log, [eventAt(fetchedAt, `c${days}`)], { fetchedAt, lastFetchedAt: 0 });
      log = parseEventLog(extension?.lines ?? Buffer.alloc(0));
    }
    expect(log.events.map(({ customerId }) => customerId)).toEqual(['c61', 'c62', 'c63']);
    const fetchedAt = start + 200 * dayMs;
    const extension = extendEventLog(log, [eventAt(fetchedAt, 'c200')], { fetchedAt, lastFetchedAt: 0 });
    expect(parseEventLog(extension?.lines ?? Buffer.alloc(0)).events).toHaveLength(1);
  });

  it('drops the oldest whole events when it would get too large', () => {
    const ids = ['a', 'b', 'c', 'd'];
    const times = { fetchedAt: start, lastFetchedAt: 0 };
    const all = extendEventLog(
      emptyEventLog,
      ids.map((id) => eventAt(start, id)),
      times,
    );
    const length = (all?.lines.length ?? 0) / 4;
    for (const [maxBytes, kept] of [
      [2 * length, 2],
      [2 * length - 1, 1],
      [length * 2 + 1, 2],
      [1, 0],
    ] as const) {
      const cut = extendEventLog(
        emptyEventLog,
        ids.map((id) => eventAt(start, id)),
        { ...times, maxBytes },
      );
      expect(parseEventLog(cut?.lines ?? Buffer.alloc(0)).events).toHaveLength(kept);
      expect(cut?.droppedBytes).toBe((4 - kept) * length);
    }
  });

  it('numbers events upwards though the clock is set back', () => {
    const first = extendEventLog(emptyEventLog, [eventAt(start, 'a')], { fetchedAt: start, lastFetchedAt: start + 5 });
    const log = parseEventLog(first?.lines ?? Buffer.alloc(0));
    const second = extendEventLog(log, [eventAt(0, 'b')], { fetchedAt: 0, lastFetchedAt: 0 });
    const { events } = parseEventLog(second?.lines ?? Buffer.alloc(0));
    expect(events.map(({ sequence }) => sequence - start)).toEqual([6, 7]);
  });

  it.each([['no JSON'], ['{"id":"a"}\n'], ['{"id":"a"\n'], ['null\n']])('refuses %j', (text) => {
    expect(() => parseEventLog(Buffer.from(text))).toThrow(
      expect.objectContaining({ details: { reason: 'corrupt', line: 0 } }),
    );
  });
});
