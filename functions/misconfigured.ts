import type { TimerHandler } from '@azure/functions';
import { RefusedError } from '../shared/errors.ts';
import type { SettingProblem } from '../shared/errors.ts';
import type { RequestHandler } from '../shared/http/handler.ts';
import { createLog } from '../shared/log.ts';
import type { Log } from '../shared/log.ts';
import type { HttpFunction } from './http-function.ts';

/** What the functions do while a setting is bad or missing: nothing is read or refreshed, and the first to run logs the list once. */
export function createMisconfigured(problems: readonly SettingProblem[]) {
  let isLogged = false;

  function logOnce(log: Log): void {
    if (isLogged) return;
    isLogged = true;
    log('config.invalid', {
      count: problems.length,
      settings: problems.map(({ setting, expected }) => `${setting}: ${expected}`).join('; '),
    });
  }

  function createHandler({ namesBadSettings = false }: HttpFunction): RequestHandler {
    return async function refuse({ context }) {
      logOnce(context.log);
      throw new RefusedError({ kind: 'Misconfigured', ...(namesBadSettings && { settings: problems }) });
    };
  }

  const timer: TimerHandler = (_timer, context) => {
    logOnce(createLog(context, { requestId: context.invocationId }));
  };

  return { createHandler, timer };
}
