import { setImmediate } from 'node:timers/promises';

async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await setImmediate();
}

/** Turns of long work in the hands of a test: whoever yields waits until the test lets it go on. */
export function createManualTurns() {
  const held: (() => void)[] = [];
  let isHolding = false;
  let count = 0;

  return {
    yieldToEventLoop: (): Promise<void> => {
      count += 1;
      return isHolding ? new Promise((resolve) => held.push(resolve)) : Promise.resolve();
    },
    /** How often work has yielded so far. */
    count: () => count,
    /** From now on work waits where it yields. */
    hold(): void {
      isHolding = true;
    },
    /** How much work waits, once nothing else moves. */
    async countHeld(): Promise<number> {
      await settle();
      return held.length;
    },
    /** Lets the work that has yielded last go on to where it yields next. */
    async step(): Promise<void> {
      await settle();
      held.pop()?.();
      await settle();
    },
    /** Lets everything go on. */
    release(): void {
      isHolding = false;
      for (const resolve of held.splice(0)) resolve();
    },
  };
}
