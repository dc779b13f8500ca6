import type { PolledEvent } from './event-rig.ts';

/** What a trigger's answer shows to a flow. */
export type TriggerAnswer = {
  readonly status: number;
  readonly location: string | undefined;
  readonly events: readonly PolledEvent[];
};

/**
 * A flow's polling trigger, which knows its contract only: ask, then ask where `Location` says. Of its answers some never arrive
 * (then it asks again where it asked before), and some polls are made twice. Keeps what it was told, in the order it came.
 */
export function createEventPoller(options: {
  readonly firstAddress: string;
  readonly ask: (address: string) => Promise<TriggerAnswer>;
  /** A number in [0, 1). */
  readonly roll: () => number;
}) {
  const { ask, roll } = options;
  const received: PolledEvent[] = [];
  let address = options.firstAddress;
  let lost = 0;

  return {
    received,
    lost: () => lost,
    /** Whether its first answer has arrived: from then on nothing may be missed. */
    isStarted: () => address !== options.firstAddress,
    async poll(): Promise<void> {
      if (roll() < 0.2) await ask(address);
      const { status, location, events } = await ask(address);
      if (roll() < 0.3) {
        lost += 1;
        return;
      }
      if (status !== 200 && status !== 202) return;
      if (location === undefined) throw new Error('an answer of the trigger has no Location');
      address = location;
      received.push(...events);
    },
  };
}

/** Numbers in [0, 1), the same ones for the same seed (a linear congruential generator, Numerical Recipes). */
export function createRoll(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}
