import type { TimerHandler } from '@azure/functions';
import type { SettingProblem } from '../shared/config.ts';
import type { Route } from '../shared/http/handler.ts';
import { createInvocationLog } from '../shared/http/invocation-log.ts';
import { problemAnswer } from '../shared/http/problem.ts';
import type { Log } from '../shared/log.ts';

export type Misconfigured = {
  /** For every route but `ready`: says only that something is wrong. */
  readonly route: Route;
  /** For `ready`: lists every bad setting by name and what it expects. */
  readonly readyRoute: Route;
  readonly timer: TimerHandler;
};

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
    async route({ call, requestId }) {
      logOnce(call.log);
      return problemAnswer(
        { code: 'Misconfigured', detail: 'GET /api/health/ready names every bad setting.' },
        requestId,
      );
    },
    async readyRoute({ call, requestId }) {
      logOnce(call.log);
      return problemAnswer({ code: 'Misconfigured', settings: problems }, requestId);
    },
    timer(_timer, context) {
      logOnce(createInvocationLog(context));
    },
  };
}
