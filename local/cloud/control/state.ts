import { createCloudClock } from './clock.ts';
import { entraFaults } from '../entra/entra.ts';
import { createFaults } from '../faults.ts';
import { keyVaultFaults } from '../key-vault.ts';
import { partnerCenterFaults } from '../partner-center/faults.ts';
import { createRequestLog } from './request-log.ts';
import { storageFaults } from '../storage/faults.ts';
import { createTokens } from '../entra/tokens.ts';
import { createUsageList } from '../partner-center/usage-list.ts';

/** What the simulated services share. */
export type CloudState = ReturnType<typeof createCloudState>;

/** The state of a new cloud: no faults, no requests, a clock that starts in the past. */
export function createCloudState(customers: number, daysAgo: number) {
  const clock = createCloudClock(daysAgo);
  const faults = createFaults({
    'partner-center': Object.keys(partnerCenterFaults),
    entra: Object.keys(entraFaults),
    'key-vault': Object.keys(keyVaultFaults),
    storage: Object.keys(storageFaults),
  });
  return {
    clock,
    faults,
    list: createUsageList(clock, customers),
    tokens: createTokens(clock),
    requestLog: createRequestLog(),
  };
}
