import type { Datum } from './core-module.ts';
import type { TimerFunction } from './functions-index.ts';

export type Timers = ReturnType<typeof createTimers>;
export type TimersOptions = {
  readonly timers: readonly TimerFunction[];
  /** Never rejects. */
  readonly invoke: (timer: TimerFunction, data: Datum) => Promise<unknown>;
};

type Plan = { readonly timer: TimerFunction; next: number | undefined; running: boolean; handle?: NodeJS.Timeout };

/** setTimeout accepts at most 2^31-1 ms, and waking up early also notices a changed system clock. */
const longestWaitMs = 60 * 60_000;

/** Fires timer functions by their schedules in UTC; tells them nothing of earlier runs. */
export function createTimers({ timers, invoke }: TimersOptions) {
  let stopped = true;
  const plans = timers.map((timer): Plan => ({ timer, next: undefined, running: false }));

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
    await invoke(plan.timer, buildDatum(isPastDue));
    plan.running = false;
    plan.next = plan.timer.nextAfter(startedAt);
    arm(plan);
  }

  function planNext(plan: Plan): void {
    plan.next = plan.timer.nextAfter(Date.now());
    arm(plan);
  }

  return {
    start(): void {
      stopped = false;
      plans.forEach(planNext);
    },
    /** Call it after the clock moved: a timer whose next time has passed fires once, at once. */
    replan: (): void => {
      for (const plan of plans) {
        if (stopped || plan.running || plan.next === undefined) continue;
        if (plan.next <= Date.now()) void fire(plan, true);
        else planNext(plan);
      }
    },
    /** Runs a timer by hand, without a change to its schedule. */
    run: async (timer: TimerFunction): Promise<unknown> => invoke(timer, buildDatum(false)),
    stop(): void {
      stopped = true;
      for (const plan of plans) clearTimeout(plan.handle);
    },
  };
}

function buildDatum(isPastDue: boolean): Datum {
  return { json: JSON.stringify({ Schedule: { AdjustForDST: true }, ScheduleStatus: null, IsPastDue: isPastDue }) };
}
