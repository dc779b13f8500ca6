import { findEvents, firstWait, isDue, isPlausible, lastList } from './decisions.ts';
import { hasConditions } from './protocol.ts';
import type { Protocol, Step } from './protocol.ts';
import { cutList, idle, nameBlobs } from './state.ts';
import type { Pointer, Process, State, Write } from './state.ts';
import { listTicks } from './time.ts';

/** The most writes that outlive their sender at the same time. */
const maxOrphans = 1;

/** Every step that can be next. */
export function listSteps(state: State, rules: Protocol): Step[] {
  const { processes } = state;
  const steps = processes.flatMap((process, at) =>
    // Of several processes at rest, one stands for all.
    processes.indexOf(process) === at ? listProcessSteps(state, at, process, rules) : [],
  );
  for (const [at, write] of state.orphans.entries()) {
    const without = { ...state, orphans: state.orphans.toSpliced(at, 1) };
    steps.push({ ...deliver(without, write, rules), isFault: true });
  }
  steps.push(...listTicks(state, rules));
  if (state.upstream < lastList) steps.push({ state: { ...state, upstream: state.upstream + 1 }, isFault: true });
  return steps;
}

function listProcessSteps(state: State, at: number, process: Process, rules: Protocol): Step[] {
  if (process.phase === 'idle') {
    return isDue(state.pointer) ? [go(state, at, { ...idle, phase: 'due' })] : [];
  }
  const steps = listNextSteps(state, at, process, rules);
  steps.push(asFault(go(orphan(state, process), at, idle)));
  // What a process does when it notices that the lease is gone.
  if (process.lease === 'expired') steps.push(go(orphan(state, process), at, idle));
  return steps;
}

function listNextSteps(state: State, at: number, process: Process, rules: Protocol): Step[] {
  switch (process.phase) {
    case 'idle':
      return [];
    case 'due': {
      if (state.isLeaseTaken && rules.respectsLease) return [];
      return [go({ ...state, isLeaseTaken: true }, at, { ...process, phase: 'locked', lease: 'held' })];
    }
    case 'locked': {
      if (rules.checksAgainUnderLease && !isDue(state.pointer)) return [finish(state, at)];
      const called = { ...process, phase: 'downloading', before: state.pointer, isCurrent: true } as const;
      // The answer tells of the time of the call, however late it comes.
      return [{ ...go(state, at, { ...called, list: state.upstream }), caller: process }];
    }
    case 'downloading': {
      const steps = [conclude(state, at, process, rules), asFault(recordFailure(state, at, process))];
      // Nothing is known by which the very first list could be refused.
      const canBeCut = process.before?.list !== null;
      return canBeCut ? [...steps, asFault(conclude(state, at, { ...process, list: cutList }, rules))] : steps;
    }
    case 'writing':
    case 'swapping':
      // The answer may not come in time, and then the write may arrive all the same.
      return [receive(state, at, process, rules), asFault(recordFailure(orphan(state, process), at, process))];
    case 'recording':
      return [receive(state, at, process, rules), asFault(finish(orphan(state, process), at))];
  }
}

/** The download is over. */
function conclude(state: State, at: number, process: Process, rules: Protocol): Step {
  const before = getBefore(process);
  if (rules.appliesGate && !isPlausible(process.list, before)) return recordFailure(state, at, process);
  if (!rules.writesBlobsFirst) return swap(state, at, { ...process, age: 0 }, rules);
  const sent: Write = { kind: 'blobs', blobs: nameBlobs(createPublished({ ...process, age: 0 }, before, rules)) };
  return go(state, at, { ...process, phase: 'writing', age: 0, sent });
}

function swap(state: State, at: number, process: Process, rules: Protocol): Step {
  const pointer = createPublished(process, getBefore(process), rules);
  const sent: Write = { kind: 'pointer', pointer, isCurrent: process.isCurrent, isSuccess: true };
  return go(state, at, { ...process, phase: 'swapping', list: 0, age: 0, sent });
}

function recordFailure(state: State, at: number, process: Process): Step {
  const pointer = { ...getBefore(process), wait: firstWait };
  const sent: Write = { kind: 'pointer', pointer, isCurrent: process.isCurrent, isSuccess: false };
  return go(state, at, { ...process, phase: 'recording', list: 0, age: 0, sent });
}

function getBefore({ before }: Process): Pointer {
  if (before === null) throw new Error('the pointer was not read');
  return before;
}

/** The pointer after a success. */
function createPublished({ list, age }: Pick<Process, 'list' | 'age'>, before: Pointer, rules: Protocol): Pointer {
  const last = rules.comparesWithStoredList ? before.list : (before.list ?? list) - 1;
  const found = findEvents(list, last);
  return { list, age, events: rules.keepsEventLog ? [...before.events, ...found] : found, wait: null };
}

/** The write arrives, and so does its answer. */
function receive(state: State, at: number, process: Process, rules: Protocol): Step {
  if (process.sent === null) throw new Error('nothing was sent');
  const { state: after, stored } = deliver(state, process.sent, rules);
  const told = stored === undefined ? {} : { stored };
  if (process.phase === 'writing') return swap(after, at, process, rules);
  const isConflict = stored === undefined;
  if (isConflict && process.phase === 'swapping') return recordFailure(after, at, process);
  return { ...finish(after, at), ...told };
}

function deliver(state: State, write: Write, rules: Protocol): Omit<Step, 'isFault'> {
  if (write.kind === 'blobs') return { state: { ...state, blobs: [...new Set([...state.blobs, write.blobs])] } };
  if (hasConditions(rules) && !write.isCurrent) return { state };
  const orphans = state.orphans.map(outdateWrite);
  const first = state.first ?? write.pointer.list;
  const processes = state.processes.map(outdate);
  return { state: { ...state, processes, orphans, pointer: write.pointer, first }, stored: write };
}

/** After any write of the pointer, the ETag that a process knows is an old one. */
function outdate(process: Process): Process {
  if (process.before === null) return process;
  return { ...process, isCurrent: false, sent: process.sent && outdateWrite(process.sent) };
}

function outdateWrite(write: Write): Write {
  return write.kind === 'pointer' ? { ...write, isCurrent: false } : write;
}

/** Ends a refresh; a lease that is still held is released. */
function finish(state: State, at: number): Step {
  const isHeld = state.processes[at]?.lease === 'held';
  return go({ ...state, isLeaseTaken: state.isLeaseTaken && !isHeld }, at, idle);
}

/**
 * Keeps a pointer that a process has sent on its way, unless too many are. A blob that arrives late changes nothing: its name says
 * what it holds, and only a pointer makes it visible.
 */
function orphan(state: State, { sent }: Process): State {
  if (sent?.kind !== 'pointer' || state.orphans.length >= maxOrphans) return state;
  return { ...state, orphans: [...state.orphans, sent] };
}

function asFault(step: Step): Step {
  return { ...step, isFault: true };
}

function go(state: State, at: number, process: Process): Step {
  return { state: { ...state, processes: state.processes.with(at, process) }, isFault: false };
}
