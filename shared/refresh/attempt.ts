import { toDependencyError } from '../errors.ts';
import type { NamedList } from './accept-quarantined.ts';
import { applyGate, reportOddRecords } from './apply-gate.ts';
import { publish } from './publish.ts';
import { recordFailure, recordRefusal } from './record-failure.ts';
import type { Failed, Published, RefreshRun } from './refresh-run.ts';

/**
 * One attempt by the holder of the lease: download, check, publish; when any of it fails, record the failure and its back-off.
 * Throws a DependencyError only when the pointer cannot or must not be written: storage down, lease lost, deadline over.
 */
export async function attemptRefresh(run: RefreshRun): Promise<Published | Failed> {
  const { deps, context } = run;
  try {
    const download = await deps.source.download(context);
    const { snapshot } = download;
    reportOddRecords(snapshot, context);
    const fetchedAt = deps.clock();
    const verdict = await applyGate(run, snapshot, fetchedAt);
    if (verdict.gate === 'refused') return await recordRefusal(run, verdict.refusal, snapshot.count);
    return await publish(run, { download, gate: verdict.gate, fetchedAt });
  } catch (error) {
    const failure = toDependencyError(error, 'the refresh ended unexpectedly');
    // Without the lease, or past the deadline, another process may be at work: this one must not write any more.
    if (context.signal.aborted) throw failure;
    return await recordFailure(run, failure);
  }
}

/** Publishes a refused list that the operator accepts. Throws a DependencyError, and then nothing has changed. */
export async function acceptNamedList(run: RefreshRun, { download, fetchedAt }: NamedList): Promise<Published> {
  const outcome = await publish(run, { download, gate: 'accepted', fetchedAt });
  const { log, correlationId } = run.context;
  log('quarantine.accepted', { recordCount: download.snapshot.count, correlationId });
  return outcome;
}
