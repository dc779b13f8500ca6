import type { Protocol, Step } from './protocol.ts';
import { oldest } from './state.ts';
import type { Pointer, Process, State, Write } from './state.ts';

/** Time passes: the holder of the lease renews it in time, or it ends. */
export function listTicks(state: State, rules: Protocol): Step[] {
  const renewed = {
    ...state,
    processes: state.processes.map(ageProcess),
    pointer: agePointer(state.pointer),
    orphans: state.orphans.map(ageWrite),
  };
  const ended = { ...renewed, isLeaseTaken: false, processes: renewed.processes.map(expireLease) };
  if (!state.isLeaseTaken) return [{ state: renewed, isFault: false }];
  const isHeld = state.processes.some(({ lease }) => lease === 'held');
  if (!isHeld) return [{ state: rules.leaseExpires ? ended : renewed, isFault: false }];
  return [
    { state: renewed, isFault: false },
    { state: ended, isFault: true },
  ];
}

function expireLease(process: Process): Process {
  return process.lease === 'held' ? { ...process, lease: 'expired' } : process;
}

function ageProcess(process: Process): Process {
  const { phase, before, sent } = process;
  if (before === null) return process;
  const age = phase === 'writing' ? addTick(process.age) : 0;
  return { ...process, before: agePointer(before), age, sent: sent && ageWrite(sent) };
}

function ageWrite(write: Write): Write {
  return write.kind === 'blobs' ? write : { ...write, pointer: agePointer(write.pointer) };
}

function agePointer(pointer: Pointer): Pointer {
  const age = pointer.list === null ? 0 : addTick(pointer.age);
  return { ...pointer, age, wait: pointer.wait === null ? null : Math.max(pointer.wait - 1, 0) };
}

function addTick(age: number): number {
  return Math.min(age + 1, oldest);
}
