import type { CallerAuth } from '../http/caller.ts';
import { problemTypes } from '../http/problem-types.ts';
import type { DescribedRoute } from './operations.ts';
import type { SchemaName } from './schemas.ts';

/** A failure that an operation may answer with. */
export type DescribedFailure = {
  readonly status: number;
  readonly description: string;
  /** Possible JSON bodies, the usual one first; none when the host itself answers. */
  readonly bodies: readonly SchemaName[];
};

/** The failures of an operation, by status. */
export function listFailures(route: DescribedRoute, callerAuth: CallerAuth): DescribedFailure[] {
  const callerFailures = route.access === 'anybody' ? [] : callerAuth === 'entra' ? [401, 403] : [401];
  // Liveness fails only while settings are bad.
  const defects = route.name === 'health-live' ? [] : [500];
  return [...route.failures, ...callerFailures, ...defects, 503]
    .toSorted((one, other) => one - other)
    .map((status) => {
      // With keys the host itself refuses a caller, without a body.
      if (status === 401 && callerAuth === 'key')
        return { status, description: 'The key is missing or wrong.', bodies: [] };
      const isHealth = route.name === 'health-ready' && status === 503;
      return { status, description: describeStatus(status), bodies: isHealth ? ['Health', 'Problem'] : ['Problem'] };
    });
}

/** The titles of the problems with this status. */
function describeStatus(status: number): string {
  if (status === 404) return 'The id is not valid, or no usage record belongs to this customer.';
  const titles = Object.values<readonly [number, string, string]>(problemTypes)
    .filter(([each]) => each === status)
    .map(([, title]) => title);
  return `${titles.join('; ')}.`;
}
