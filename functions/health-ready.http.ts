import type { Clock } from '../shared/clock.ts';
import { jsonAnswer } from '../shared/http/answer.ts';
import type { Route } from '../shared/http/handler.ts';
import { lastModified } from '../shared/http/snapshot-headers.ts';
import type { SnapshotReader } from '../shared/refresh/snapshot-reader.ts';
import { healthOf } from '../shared/usage/health.ts';
import type { HealthLimits } from '../shared/usage/health.ts';

export type HealthReadyDeps = {
  readonly snapshots: Pick<SnapshotReader, 'peek'>;
  readonly clock: Clock;
  readonly limits: HealthLimits;
};

/** `GET /api/health/ready`: how old the data is and whether the token lives. Never refreshes, never calls Partner Center or Key Vault. */
export function createHealthReadyRoute({ snapshots, clock, limits }: HealthReadyDeps): Route {
  return async function healthReady({ call }) {
    const { pointer, served } = await snapshots.peek(call);
    const health = healthOf({ ...pointer, snapshot: served?.info ?? null }, clock(), limits);
    const headers = { 'cache-control': 'no-store', ...(served && lastModified(served)) };
    return jsonAnswer(health.status === 'fail' ? 503 : 200, health, headers);
  };
}
