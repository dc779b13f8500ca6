import type { OperationContext } from '../context.ts';
import { toDependencyError } from '../errors.ts';
import type { FiguresByDay, RecentCosts } from '../history/recent-costs.ts';
import { foldKeptDays } from './fold-history.ts';
import type { FoldDeps } from './fold-history.ts';
import { readRecentCosts, readRecentFigures } from './read-recent-days.ts';
import type { IsRowWanted } from './read-recent-days.ts';

const readDeadlineMs = 60_000;

/** The daily figures of a refresh; only the holder of the lease may use them. */
export type DailyFiguresWriter = {
  /** Folds all kept days before the UTC day `today`, once a day. A failure is logged; the next refresh catches up. */
  catchUp(today: string, context: OperationContext): Promise<void>;
  /**
   * Recent daily costs before `today` of the rows that `isWanted` picks by their figures of the day before. `undefined` while the days
   * before are not folded, and after a failure, which is logged.
   */
  getRecentCosts(today: string, isWanted: IsRowWanted, context: OperationContext): Promise<RecentCosts | undefined>;
  /** The exact figures of the rows with these keys on the same days; `undefined` after a failure, which is logged. */
  getRecentFigures(
    today: string,
    keys: ReadonlySet<string>,
    context: OperationContext,
  ): Promise<ReadonlyMap<string, FiguresByDay> | undefined>;
};

/** Creates the one writer of a process. */
export function createDailyFiguresWriter(deps: FoldDeps): DailyFiguresWriter {
  let foldedBefore = '';

  return {
    async catchUp(today, context) {
      if (foldedBefore === today) return;
      const startedAt = deps.clock();
      const outcome = await logFailure(foldKeptDays(deps, today, context), context);
      if (outcome === undefined) return;
      if (outcome.isComplete) foldedBefore = today;
      if (outcome.days > 0) context.log('history.folded', { ...outcome, durationMs: deps.clock() - startedAt });
    },

    async getRecentCosts(today, isWanted, context) {
      if (foldedBefore !== today) return undefined;
      return await logFailure(readRecentCosts(deps, { today, isWanted }, withDeadline(context)), context);
    },

    getRecentFigures: (today, keys, context) =>
      logFailure(readRecentFigures(deps, { today, keys }, withDeadline(context)), context),
  };
}

/** Reading the history must not take the time that publishing needs. */
function withDeadline(context: OperationContext): OperationContext {
  return { ...context, signal: AbortSignal.any([context.signal, AbortSignal.timeout(readDeadlineMs)]) };
}

/** The result of the work; `undefined` when it failed, which is logged: history must not keep a list from being published. */
async function logFailure<T>(work: Promise<T>, context: OperationContext): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    const { code, details } = toDependencyError(error, 'the history could not be read or written');
    context.log('history.failed', { code, ...details });
    return undefined;
  }
}
