import type { OperationContext } from '../context.ts';
import type { Clock, Random, YieldToEventLoop } from '../clock.ts';
import type { JumpFloors } from '../budget-events/find-jumps.ts';
import type { FailureCode } from '../errors.ts';
import type { SnapshotInfo, SnapshotPointer } from '../snapshot/pointer.ts';
import type { BudgetLimits } from '../views/budget-status.ts';
import type { DailyFiguresWriter } from '../daily-figures/daily-figures-writer.ts';
import type { LoadEventLog, SnapshotLoader } from '../stored-data/load-blobs.ts';
import type { RefreshLease, RefreshTokenStatus, SnapshotStore, UsageSource } from '../ports.ts';
import type { Skipped } from './schedule.ts';
import type { KnownPointer } from '../stored-data/stored-pointer.ts';

/** What every refresh of this process works with. */
export type RefreshDeps = {
  readonly store: SnapshotStore;
  readonly lease: RefreshLease;
  readonly source: UsageSource;
  readonly tokens: RefreshTokenStatus;
  readonly loadSnapshot: SnapshotLoader;
  readonly loadEventLog: LoadEventLog;
  readonly dailyFigures: DailyFiguresWriter;
  /** Of budget events: in percent, ascending. */
  readonly thresholds: readonly number[];
  readonly budgetLimits: BudgetLimits;
  readonly jumpFloors: JumpFloors;
  readonly clock: Clock;
  readonly random: Random;
  readonly yieldToEventLoop: YieldToEventLoop;
  readonly intervalMs: number;
  /** The name of a refused list that the operator accepts. */
  readonly acceptedBlob?: string | undefined;
};

/** One refresh under the lease, and the pointer that it replaces. */
export type RefreshRun = {
  readonly deps: RefreshDeps;
  readonly before: KnownPointer;
  readonly context: OperationContext;
};

export type Published = {
  readonly kind: 'published' | 'unchanged';
  readonly pointer: SnapshotPointer;
  readonly info: SnapshotInfo;
};
export type Failed = { readonly kind: 'failed'; readonly code: FailureCode; readonly retryAfterMs: number };
export type RefreshOutcome = Published | Failed | Skipped;
