import {
  systemClock as clock,
  systemSleep as sleep,
  systemYieldToEventLoop as yieldToEventLoop,
} from '../../shared/clock.ts';
import type { OperationContext } from '../../shared/context.ts';
import { formatDay } from '../../shared/days.ts';
import { rebuildHistory } from '../../shared/daily-figures/fold-history.ts';
import { parseSettings } from '../../shared/settings.ts';
import { createBlobMonthStore } from '../../shared/storage/month-store.ts';
import { createRefreshLease } from '../../shared/storage/refresh-lease.ts';
import { createBlobSnapshotStore } from '../../shared/storage/snapshot-store.ts';
import { createUsageContainer } from '../../shared/storage/usage-container.ts';
import { createOperation, openIdentity } from '../azure.ts';
import { CommandError, readOptions } from '../command-line.ts';
import type { CommandContext } from '../command-line.ts';
import { loadEnvironment } from '../environment.ts';
import type { Environment } from '../environment.ts';

const usage = 'npm run rebuild-history -- [options]: rebuilds the daily figures from the kept daily lists';
const options = {
  settings: { type: 'string', help: 'a file with settings, as `azd env get-values` writes it' },
} as const;

const deadlineMs = 4 * 3_600_000;

/** `npm run rebuild-history`: rebuilds `history/` from `daily/` under the lease of the refresh. Prints a line for each month. */
export async function runRebuildHistory({ args, env: given, print }: CommandContext): Promise<number> {
  const { settings: file } = readOptions(args, usage, options);
  const env = loadEnvironment(given, file);
  const container = openContainer(env);
  const operation: OperationContext = {
    ...createOperation(deadlineMs),
    log: (event, fields) => print(`${event} ${JSON.stringify(fields ?? {})}`),
  };
  const lease = await createRefreshLease({ container, clock, sleep }).acquire(operation);
  if (lease === undefined) throw new CommandError({ what: 'a refresh is running', cure: 'try again in a minute' });
  try {
    const context = { ...operation, signal: AbortSignal.any([operation.signal, lease.signal]) };
    const store = createBlobSnapshotStore({ container });
    const months = createBlobMonthStore({ container });
    const deps = { store, months, clock, yieldToEventLoop };
    for await (const { month, days, wasDamaged } of rebuildHistory(deps, formatDay(clock()), context)) {
      const rebuilt = `${days} days${wasDamaged ? ', overwriting a damaged blob; days without a kept list are gone' : ''}`;
      print(`${month}: ${days > 0 ? rebuilt : 'left as it is, because lists of it are deleted'}`);
    }
  } finally {
    await lease.release();
  }
  return 0;
}

function openContainer(env: Environment) {
  // Only the running app sees this variable of the platform.
  const parsed = parseSettings({ WEBSITE_AUTH_ENABLED: 'true', ...env });
  if (!parsed.ok) {
    const problems = parsed.problems.map(({ setting, expected }) => `${setting} must be ${expected}`);
    throw new CommandError({ what: `Misconfigured: ${problems.join('; ')}`, cure: 'correct these app settings' });
  }
  const { credential } = openIdentity(env);
  return createUsageContainer({
    storageUrl: parsed.settings.USAGE_STORAGE_URL,
    containerName: parsed.settings.USAGE_CONTAINER,
    credential: () => Promise.resolve(credential),
  });
}
