import { describe, expect, it } from 'vitest';
import { explore } from './explore.ts';
import { invariants, progress } from './invariants.ts';
import { protocol } from './protocol.ts';
import type { Protocol } from './protocol.ts';

/** What is taken away from the protocol, and the invariant that must report it. */
const broken: readonly (readonly [rule: keyof Protocol, reportedBy: string])[] = [
  ['respectsLease', 'one upstream refresh at a time, unless a lease expired'],
  [
    'checksAgainUnderLease',
    'no upstream call in the five minutes after a success or in the wait after a failure, unless the lease expired',
  ],
  ['sendsIfMatch', 'the published list never goes back in time'],
  ['givesUpOnConflict', 'nobody overwrites a pointer that it has not read'],
  ['writesBlobsFirst', 'readers find the blobs that the pointer names'],
  ['keepsEventLog', 'every event is recorded once, and none is lost'],
  ['comparesWithStoredList', 'every event is recorded once, and none is lost'],
  ['appliesGate', 'no implausible list is published'],
  ['leaseExpires', progress],
];

describe('the refresh protocol', () => {
  it('keeps every invariant in every state of three processes', { timeout: 10 * 60_000 }, () => {
    const { states, steps, violated } = explore(3, protocol);
    console.log(`${states} states of three processes, ${steps} steps`);
    expect([...violated]).toEqual([]);
    expect(states).toBeGreaterThan(50_000);
  });

  it.each(broken)('without %s breaks: %s', (rule, reportedBy) => {
    expect([...explore(2, { ...protocol, [rule]: false }, reportedBy).violated]).toContain(reportedBy);
  });

  it('has a way to break each invariant and each rule', () => {
    expect(new Set(broken.map(([, reportedBy]) => reportedBy))).toEqual(
      new Set([...Object.keys(invariants), progress]),
    );
    expect(new Set(broken.map(([rule]) => rule))).toEqual(new Set(Object.keys(protocol)));
  });
});
