import { createJumpEvents, createJumpFinder } from '../budget-events/find-jumps.ts';
import type { BudgetEvent } from '../budget-events/event.ts';
import { formatDay } from '../days.ts';
import type { SnapshotInfo } from '../snapshot/pointer.ts';
import type { UsageSnapshot } from '../snapshot/snapshot.ts';
import { runInTurns } from '../turns.ts';
import type { RefreshRun } from './refresh-types.ts';

/**
 * The jumps in daily spending that an accepted list shows; `undefined` when the days before cannot be read now. Publishing goes on, and
 * the next list must look again.
 */
export async function findJumpEvents(
  { deps, context }: RefreshRun,
  next: UsageSnapshot,
  { fetchedAt, hasCost }: SnapshotInfo,
): Promise<readonly BudgetEvent[] | undefined> {
  const { dailyFigures, jumpFloors, budgetLimits } = deps;
  if (!hasCost) return [];
  const today = formatDay(fetchedAt);
  const finder = await runInTurns(createJumpFinder({ next, fetchedAt, floors: jumpFloors }), deps.yieldToEventLoop);
  const recent = await dailyFigures.getRecentCosts(today, finder.mayHaveJumped, context);
  if (recent === undefined) return undefined;
  const jumped = finder.findJumped(recent);
  if (jumped.length === 0) return [];
  const figures = await dailyFigures.getRecentFigures(today, new Set(jumped.map(({ key }) => key)), context);
  return figures && createJumpEvents(jumped, figures, { next, fetchedAt, budgetLimits });
}
