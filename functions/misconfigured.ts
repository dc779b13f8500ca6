import type { TimerHandler } from '@azure/functions';
import type { SettingProblem } from '../shared/config.ts';
import type { Route } from '../shared/http/handler.ts';
import { createInvocationLog } from '../shared/http/invocation-log.ts';
import type { Log } from '../shared/log.ts';

export type Misconfigured = {
  /** For every route but `ready`: says only that something is wrong. */
  readonly route: Route;
  /** For `ready`: lists every bad setting by name and what it expects. */
  readonly readyRoute: Route;
  readonly timer: TimerHandler;
};

/** A changed setting restarts the app within a minute. */
const retryAfterMs = 60_000;

/** What the functions do while a setting is bad or missing: nothing is read or refreshed, and the first to run logs the list once. */
export function createMisconfigured(problems: readonly SettingProblem[]): Misconfigured {
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
    async route({ call, answerProblem }) {
      logOnce(call.log);
      return answerProblem({ code: 'Misconfigured', retryAfterMs });
    },
    async readyRoute({ call, answerProblem }) {
      logOnce(call.log);
      const detail = 'Correct the settings below in the app settings of the function app.';
      return answerProblem({ code: 'Misconfigured', detail, settings: problems, retryAfterMs });
    },
    timer(_timer, context) {
      logOnce(createInvocationLog(context));
    },
  };
}
