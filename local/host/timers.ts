import type { Datum } from './core-module.ts';
import type { TimerFunction } from './functions-index.ts';

export type Timers = {
  readonly start: () => void;
  /** Call it after the clock moved: a timer whose next time has passed fires once, at once. */
  readonly replan: () => void;
  /** Runs a timer by hand, without a change to its schedule. */
  readonly run: (timer: TimerFunction) => Promise<unknown>;
  readonly stop: () => void;
};
export type TimersOptions = {
  readonly timers: readonly TimerFunction[];
  /** Never rejects. */
  readonly invoke: (timer: TimerFunction, data: Datum) => Promise<unknown>;
};

type Plan = {
  readonly timer: TimerFunction;
  last: number | undefined;
  next: number | undefined;
  updated: number | undefined;
  running: boolean;
  handle?: NodeJS.Timeout;
};

/** setTimeout accepts at most 2^31-1 ms, and waking up early also notices a changed system clock. */
const longestWaitMs = 60 * 60_000;

/** Fires timer functions by their schedules in UTC; their status lives in this process alone. */
export function createTimers({ timers, invoke }: TimersOptions): Timers {
  let stopped = true;
  const unplanned = { last: undefined, next: undefined, updated: undefined, running: false };
  const plans = timers.map((timer): Plan => ({ timer, ...unplanned }));

  function arm(plan: Plan): void {
    clearTimeout(plan.handle);
    if (stopped || plan.running || plan.next === undefined) return;
    const waitMs = Math.min(Math.max(plan.next - Date.now(), 0), longestWaitMs);
    plan.handle = setTimeout(() => {
      if (plan.next !== undefined && plan.next <= Date.now()) void fire(plan, false);
      else arm(plan);
    }, waitMs);
  }

  async function fire(plan: Plan, isPastDue: boolean): Promise<void> {
    clearTimeout(plan.handle);
    plan.running = true;
    const startedAt = Date.now();
    await invoke(plan.timer, buildDatum(plan, isPastDue));
    plan.running = false;
    plan.last = startedAt;
    plan.updated = startedAt;
    plan.next = plan.timer.nextAfter(startedAt);
    arm(plan);
  }

  return {
    start: () => {
      stopped = false;
      for (const plan of plans) {
        if (plan.timer.disabled) continue;
        plan.updated = Date.now();
        plan.next = plan.timer.nextAfter(plan.updated);
        if (plan.timer.runOnStartup) void fire(plan, false);
        else arm(plan);
      }
    },
    replan: () => {
      for (const plan of plans) {
        if (stopped || plan.running || plan.next === undefined) continue;
        if (plan.next <= Date.now()) {
          void fire(plan, true);
          continue;
        }
        plan.next = plan.timer.nextAfter(Date.now());
        arm(plan);
      }
    },
    run: async (timer) => {
      const plan = plans.find((each) => each.timer === timer);
      return plan && (await invoke(timer, buildDatum(plan, false)));
    },
    stop: () => {
      stopped = true;
      for (const plan of plans) clearTimeout(plan.handle);
    },
  };
}

function buildDatum({ timer, last, next, updated }: Plan, isPastDue: boolean): Datum {
  const status = { Last: formatInstant(last), Next: formatInstant(next), LastUpdated: formatInstant(updated) };
  const info = {
    Schedule: { AdjustForDST: true },
    ScheduleStatus: timer.useMonitor ? status : null,
    IsPastDue: isPastDue,
  };
  return { json: JSON.stringify(info) };
}

function formatInstant(at: number | undefined): string {
  return at === undefined ? '0001-01-01T00:00:00+00:00' : new Date(at).toISOString().replace('Z', '+00:00');
}
