import { createTokens } from '../entra/tokens.ts';
import { createFaults } from '../faults.ts';
import { createUsageList } from '../partner-center/usage-list.ts';
import { createCloudClock } from './clock.ts';
import { createRequestLog } from './request-log.ts';

/** What the simulated services share. */
export type CloudState = ReturnType<typeof createCloudState>;

export type StateOptions = {
  /** How many usage records are listed, the documented four among them. */
  readonly customers?: number;
  /** How long Partner Center takes to answer. */
  readonly latencyMs?: number;
  /** How many days before the real time its clock starts. */
  readonly daysAgo?: number;
};

/** The state of a new cloud: no faults, no requests, a clock that starts in the past. */
export function createCloudState({ customers = 250, latencyMs = 0, daysAgo = 0 }: StateOptions) {
  const clock = createCloudClock(daysAgo);
  return {
    clock,
    faults: createFaults(),
    list: createUsageList(clock, customers),
    latencyMs,
    tokens: createTokens(clock),
    requestLog: createRequestLog(),
  };
}
