import { invariants, progress } from './invariants.ts';
import { isDue } from './decisions.ts';
import { hasConditions } from './protocol.ts';
import type { Protocol } from './protocol.ts';
import { createStart, encodeState, idle, nameBlobs } from './state.ts';
import type { Pointer, Process, State, Write } from './state.ts';
import { listSteps } from './steps.ts';

export type Exploration = { readonly states: number; readonly steps: number; readonly violated: ReadonlySet<string> };

/** Visits every reachable state, breadth first. With `until`, stops at the first violation of that invariant. */
export function explore(processes: number, rules: Protocol, until?: string): Exploration {
  const start = createStart(processes);
  const numbers = new Map([[encodeState(start), 0]]);
  const states: State[] = [start];
  const violated = new Set<string>();
  /** Steps without a fault, backwards, and the states from which one such step publishes. */
  const predecessors: number[][] = [[]];
  const publishing: number[] = [];
  let steps = 0;
  for (let number = 0; number < states.length; number += 1) {
    const before = states[number] ?? start;
    for (const step of listSteps(before, rules)) {
      steps += 1;
      for (const [name, holds] of Object.entries(invariants)) if (!holds(before, step)) violated.add(name);
      if (until !== undefined && violated.has(until)) return { states: states.length, steps, violated };
      const after = simplify(step.state, rules);
      const code = encodeState(after);
      const known = numbers.get(code) ?? states.length;
      if (known === states.length) {
        numbers.set(code, known);
        states.push(after);
        predecessors.push([]);
      }
      if (step.isFault) continue;
      predecessors[known]?.push(number);
      if (step.stored?.isSuccess === true) publishing.push(number);
    }
  }
  if (countReaching(publishing, predecessors) < states.length) violated.add(progress);
  return { states: states.length, steps, violated };
}

/** How many states lead to one of `targets`. */
function countReaching(targets: readonly number[], predecessors: readonly (readonly number[])[]): number {
  const reached = new Set(targets);
  for (const one of reached) for (const before of predecessors[one] ?? []) reached.add(before);
  return reached.size;
}

/** Makes states equal that differ only in what no later step depends on. */
function simplify(state: State, rules: Protocol): State {
  const isLost = (isCurrent: boolean) => hasConditions(rules) && !isCurrent;
  const orphans = state.orphans.filter((write) => write.kind !== 'pointer' || !isLost(write.isCurrent));
  // To look at the pointer changes nothing.
  const rested = isDue(state.pointer) ? due : idle;
  const processes = state.processes.map((process): Process => {
    const { phase, lease, before, isCurrent } = process;
    if (phase === 'idle' || (phase === 'due' && rested.phase === 'due')) return rested;
    if (before === null || !isLost(isCurrent)) return process;
    // Whatever it writes from now on will conflict. Without the lease, it may as well have ended.
    return lease === 'held' ? { ...doomed, lease } : rested;
  });
  const writes = [...orphans, ...processes.flatMap(({ sent }) => sent ?? [])];
  const used = writes.map((write) => (write.kind === 'pointer' ? nameBlobs(write.pointer) : write.blobs));
  const named = new Set([nameBlobs(state.pointer), ...used]);
  return { ...state, orphans, processes, blobs: state.blobs.filter((blob) => named.has(blob)) };
}

const due: Process = { ...idle, phase: 'due' };
const anyPointer: Pointer = { list: null, age: 0, events: [], wait: null };
const refused: Write = { kind: 'pointer', pointer: anyPointer, isCurrent: false, isSuccess: false };
const doomed: Process = { ...idle, phase: 'recording', before: anyPointer, sent: refused };
