import type { Process, State, Write } from './state.ts';

/** What the protocol relies on; each may be broken, to see which invariant notices. */
export const protocol = {
  respectsLease: true,
  checksAgainUnderLease: true,
  sendsIfMatch: true,
  givesUpOnConflict: true,
  writesBlobsFirst: true,
  keepsEventLog: true,
  comparesWithStoredList: true,
  appliesGate: true,
  leaseExpires: true,
};

export type Protocol = Readonly<typeof protocol>;

/** A step of one process, of the network, or of time. `isFault`: the service must not depend on it. */
export type Step = {
  readonly state: State;
  readonly isFault: boolean;
  /** The call of Partner Center that this step starts, by its process. */
  readonly caller?: Process;
  /** The pointer that this step stores. */
  readonly stored?: Extract<Write, { kind: 'pointer' }>;
};

/** Whether a write of the pointer that conflicts is never applied. */
export function hasConditions({ sendsIfMatch, givesUpOnConflict }: Protocol): boolean {
  return sendsIfMatch && givesUpOnConflict;
}
