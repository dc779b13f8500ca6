import { systemClock } from '../shared/clock.ts';
import { RefusedError } from '../shared/errors.ts';
import type { SettingProblem } from '../shared/errors.ts';
import { createAuthorise } from '../shared/http/caller.ts';
import type { CallerAuth } from '../shared/http/caller.ts';
import { createInvocationLogs } from '../shared/http/invocation-log.ts';
import { createLog } from '../shared/log.ts';
import type { Log } from '../shared/log.ts';
import { settingsSchema } from '../shared/settings.ts';
import type { App } from './composition.ts';

/**
 * The app while a setting is bad or missing: nothing is read or refreshed, no roles are checked, and answers name nothing but the
 * bad settings. The first function to run logs them once.
 */
export function composeMisconfigured(problems: readonly SettingProblem[], callerAuth: CallerAuth): App {
  let isLogged = false;

  function logOnce(log: Log): void {
    if (isLogged) return;
    isLogged = true;
    log('config.invalid', {
      count: problems.length,
      settings: problems.map(({ setting, expected }) => `${setting}: ${expected}`).join('; '),
    });
  }

  return {
    callerAuth,
    authorise: createAuthorise('key'),
    logs: createInvocationLogs(systemClock),
    getSnapshotStatus: () => undefined,
    publicBaseUrl: undefined,
    createHandler({ namesBadSettings = false }) {
      return async function refuse({ context }) {
        logOnce(context.log);
        throw new RefusedError({ kind: 'Misconfigured', ...(namesBadSettings && { settings: problems }) });
      };
    },
    warmUsageCache: {
      schedule: settingsSchema.shape.USAGE_REFRESH_SCHEDULE.parse(undefined),
      handler: (_timer, context) => logOnce(createLog(context, { requestId: context.invocationId })),
    },
    preload: () => Promise.resolve(),
  };
}
