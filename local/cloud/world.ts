import type { CloudClock } from './clock.ts';
import type { Faults } from './faults.ts';
import type { Ledger } from './ledger.ts';
import type { Tokens } from './tokens.ts';
import type { UsageList } from './usage-list.ts';

/** What the simulated services share. */
export type World = {
  readonly clock: CloudClock;
  readonly tokens: Tokens;
  readonly ledger: Ledger;
  readonly faults: Faults;
  readonly list: UsageList;
};
