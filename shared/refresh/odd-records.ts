import type { OperationContext } from '../context.ts';
import { DependencyError } from '../errors.ts';
import { hasTooManyOddRecords } from '../snapshot/gate.ts';
import type { UsageSnapshot } from '../snapshot/snapshot.ts';

/**
 * Says how many records of a list are odd, and in which members. Throws DependencyError `UpstreamInvalid` with the list as evidence
 * when they are too many for it to be a list of usage records.
 */
export function reportOddRecords(snapshot: UsageSnapshot, context: OperationContext): void {
  const { oddMembers, count: recordCount } = snapshot;
  if (oddMembers.size === 0) return;
  const details = {
    oddRecordCount: oddMembers.size,
    recordCount,
    member: [...new Set([...oddMembers.values()].flat())].toSorted().join(','),
  };
  if (hasTooManyOddRecords(snapshot)) {
    throw new DependencyError('UpstreamInvalid', 'too many records are not what the schema says', {
      details: { reason: 'odd-records', ...details },
      evidence: snapshot.lines,
    });
  }
  context.log('upstream.odd-records', { ...details, correlationId: context.correlationId });
}
