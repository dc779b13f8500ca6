/** A tick of the model's clock: the time after a success in which no refresh may start. */
export const tickMs = 5 * 60_000;
/** In ticks; older than this is all the same. */
export const oldest = 1;
/** A list that is cut short, which the gate must refuse. The others are numbered in the order in which Partner Center has them. */
export const cutList = -1;

/** `current.json`, as far as the protocol depends on it. */
export type Pointer = {
  /** The published list; `null` before the first one. */
  readonly list: number | null;
  /** Ticks since the list was fetched. */
  readonly age: number;
  /** The event log that is published with the list, in order. */
  readonly events: readonly number[];
  /** Ticks until the next attempt after a failure; `null` without a failure. */
  readonly wait: number | null;
};

/** A request to storage that is on its way. It may arrive later, whatever has become of its sender. */
export type Write =
  | { readonly kind: 'blobs'; readonly blobs: string }
  /** `isCurrent`: the pointer still has the ETag of `If-Match`. */
  | { readonly kind: 'pointer'; readonly pointer: Pointer; readonly isCurrent: boolean; readonly isSuccess: boolean };

export type Process = {
  /**
   * `due`: by a pointer that was read without the lease. Then the process waits for the lease, the pointer (`locked`), the list, the
   * blobs, the pointer that publishes them, or the pointer that records a failure.
   */
  readonly phase: 'idle' | 'due' | 'locked' | 'downloading' | 'writing' | 'swapping' | 'recording';
  readonly lease: 'none' | 'held' | 'expired';
  /** The pointer that was read under the lease, and whether it is still the stored one. */
  readonly before: Pointer | null;
  readonly isCurrent: boolean;
  /** What is downloaded, and how many ticks ago. */
  readonly list: number;
  readonly age: number;
  /** What it waits for. */
  readonly sent: Write | null;
};

export type State = {
  readonly processes: readonly Process[];
  readonly pointer: Pointer;
  /** Blobs that are stored and that anything still names. */
  readonly blobs: readonly string[];
  /** By a process that may have crashed. */
  readonly isLeaseTaken: boolean;
  /** Writes whose sender waits for them no longer. */
  readonly orphans: readonly Write[];
  /** The list that Partner Center has. */
  readonly upstream: number;
  /** The first list ever published, which raised no events. */
  readonly first: number | null;
};

export const idle: Process = {
  phase: 'idle',
  lease: 'none',
  before: null,
  isCurrent: false,
  list: 0,
  age: 0,
  sent: null,
};

export function createStart(processes: number): State {
  return {
    processes: Array.from({ length: processes }, () => idle),
    pointer: { list: null, age: 0, events: [], wait: null },
    blobs: [],
    isLeaseTaken: false,
    orphans: [],
    upstream: 0,
    first: null,
  };
}

/** The names of the blobs that belong to a pointer. */
export function nameBlobs({ list, events }: Pick<Pointer, 'list' | 'events'>): string {
  return `${list}:${events.join()}`;
}

/** One text for all states that differ only in the names of the processes, or in blobs that nothing names. */
export function encodeState({ processes, pointer, blobs, isLeaseTaken, orphans, upstream, first }: State): string {
  const texts = processes.map(encodeProcess).toSorted();
  const writes = orphans.map(encodeWrite).toSorted();
  const rest = [encodePointer(pointer), blobs.toSorted().join(' '), isLeaseTaken, upstream, first];
  return [...texts, ...writes, ...rest].join('|');
}

function encodeProcess(process: Process): string {
  const known = codes.get(process);
  if (known !== undefined) return known;
  const { phase, lease, before, isCurrent, list, age, sent } = process;
  const read = before === null || isCurrent ? '' : encodePointer(before);
  const code = `${phase} ${lease} ${read} ${isCurrent} ${list} ${age} ${encodeWrite(sent)}`;
  codes.set(process, code);
  return code;
}

/** Most steps change one process and keep the others. */
const codes = new WeakMap<Process, string>();

function encodeWrite(write: Write | null): string {
  if (write === null) return '-';
  if (write.kind === 'blobs') return write.blobs;
  return `${encodePointer(write.pointer)} ${write.isCurrent} ${write.isSuccess}`;
}

function encodePointer({ list, age, events, wait }: Pointer): string {
  return `${list}/${age}/${events.join()}/${wait}`;
}
