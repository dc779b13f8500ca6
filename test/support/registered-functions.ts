import type { HttpFunctionOptions, HttpHandler, TimerFunctionOptions } from '@azure/functions';
import { registerFunctions } from '../../functions/registration.ts';
import type { FunctionHandlers } from '../../functions/registration.ts';

/** What these functions register with the host's library. */
export function registeredFunctions(functions: FunctionHandlers) {
  const http = new Map<string, HttpFunctionOptions>();
  const timers = new Map<string, TimerFunctionOptions>();
  registerFunctions(
    {
      http(name, options) {
        http.set(name, options);
      },
      timer(name, options) {
        timers.set(name, options);
      },
    },
    functions,
  );
  return { http, timers };
}

/** A function's handler, who may call it included. */
export type HandlerOf = (name: keyof FunctionHandlers['http']) => HttpHandler;

/** The HTTP functions' handlers by name. */
export function handlersOf(functions: FunctionHandlers): HandlerOf {
  const { http } = registeredFunctions(functions);
  return (name) => {
    const options = http.get(name);
    if (options === undefined) throw new Error(`there is no function ${name}`);
    return options.handler;
  };
}
