import { findEvents } from './decisions.ts';
import type { Step } from './protocol.ts';
import { cutList, nameBlobs, tickMs } from './state.ts';
import type { State } from './state.ts';

/** What must hold of every state, and of every step that leads to it. */
export const invariants: Readonly<Record<string, (before: State, step: Step) => boolean>> = {
  'one upstream refresh at a time, unless a lease expired': (_before, { state }) =>
    state.processes.filter(({ lease }) => lease === 'held').length <= 1 &&
    state.processes.every(({ phase, lease }) => lease !== 'none' || phase === 'idle' || phase === 'due'),

  'no upstream call in the five minutes after a success or in the wait after a failure, unless the lease expired': (
    { pointer: { list, age, wait } },
    { caller },
  ) => caller?.lease !== 'held' || ((list === null || age * tickMs >= 5 * 60_000) && (wait ?? 0) === 0),

  'the published list never goes back in time': ({ pointer: last }, { stored }) =>
    stored === undefined ||
    last.list === null ||
    ((stored.pointer.list ?? -1) >= last.list && stored.pointer.age <= last.age),

  'nobody overwrites a pointer that it has not read': (_before, { stored }) => stored?.isCurrent !== false,

  'readers find the blobs that the pointer names': (_before, { state: { pointer, blobs } }) =>
    pointer.list === null || blobs.includes(nameBlobs(pointer)),

  'every event is recorded once, and none is lost': (_before, { state: { pointer, first } }) =>
    pointer.list === null || pointer.events.join() === findEvents(pointer.list, first).join(),

  'no implausible list is published': (_before, { state: { pointer } }) => pointer.list !== cutList,
};

/** Holds of all states together. */
export const progress = 'from every state some process can publish again, without any further fault';
