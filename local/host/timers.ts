import type { Datum } from './core-module.ts';
import type { TimerFunction } from './functions-index.ts';

export type Timers = {
  readonly start: () => void;
  /** To be called when the clock was moved: a timer whose next time has passed fires once, at once. */
  readonly replan: () => void;
  /** One run by hand: the schedule stays as it is. */
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

/** setTimeout takes no more than 2^31-1 ms; waking up early also notices a changed system clock. */
const longestWaitMs = 60 * 60_000;

/** Fires timer functions by their schedules in UTC; keeps no lock and no status beyond this process. */
export function createTimers({ timers, invoke }: TimersOptions): Timers {
  let stopped = true;
  const plans = timers.map((timer): Plan => ({
    timer,
    last: undefined,
    next: undefined,
    updated: undefined,
    running: false,
  }));

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
    await invoke(plan.timer, datumOf(plan, isPastDue));
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
      return plan && (await invoke(timer, datumOf(plan, false)));
    },
    stop: () => {
      stopped = true;
      for (const plan of plans) clearTimeout(plan.handle);
    },
  };
}

function datumOf({ timer, last, next, updated }: Plan, isPastDue: boolean): Datum {
  const status = { Last: textOf(last), Next: textOf(next), LastUpdated: textOf(updated) };
  const info = {
    Schedule: { AdjustForDST: true },
    ScheduleStatus: timer.useMonitor ? status : null,
    IsPastDue: isPastDue,
  };
  return { json: JSON.stringify(info) };
}

function textOf(at: number | undefined): string {
  return at === undefined ? '0001-01-01T00:00:00+00:00' : new Date(at).toISOString().replace('Z', '+00:00');
}
