import { problemTypes } from '../http/problem-types.ts';
import type { CallerAuth } from '../http/caller.ts';
import type { Described } from './operations.ts';

/** The statuses of an operation's failures, with those that every one has; the platform itself answers 401 for a wrong key. */
export function listFailures({ access, failures, name }: Described, callerAuth: CallerAuth): number[] {
  const callers = access === 'anybody' ? [] : callerAuth === 'entra' ? [401, 403] : [401];
  // Liveness cannot fail but for bad settings.
  const ours = name === 'health-live' ? [] : [500];
  return [...failures, ...callers, ...ours, 503].toSorted((one, other) => one - other);
}

/** What a failure's status stands for: the titles of its codes. */
export function describeFailures(status: number): string {
  if (status === 404) return 'No usage record belongs to this customer, or the id is none.';
  const titles = Object.values<readonly [number, string, string]>(problemTypes)
    .filter(([each]) => each === status)
    .map(([, title]) => title);
  return `${titles.join('; ')}.`;
}
