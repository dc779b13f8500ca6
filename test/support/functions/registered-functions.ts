import type { HttpFunctionOptions, HttpHandler, TimerFunctionOptions } from '@azure/functions';
import type { App } from '../../../functions/composition.ts';
import { registerFunctions } from '../../../functions/http-function.ts';
import type { HttpFunction } from '../../../functions/http-function.ts';
import { httpFunctions } from '../../../functions/http-functions.ts';

/** What the functions of an app register with the host's library. */
export function registeredFunctions(app: App) {
  const http = new Map<string, HttpFunctionOptions>();
  const timers = new Map<string, TimerFunctionOptions>();
  const host = {
    http(name: string, options: HttpFunctionOptions) {
      http.set(name, options);
    },
    timer(name: string, options: TimerFunctionOptions) {
      timers.set(name, options);
    },
  };
  registerFunctions(host, httpFunctions, app);
  return { http, timers };
}

/** A function's handler, who may call it included. */
export type HandlerOf = (name: HttpFunction['name']) => HttpHandler;

/** The HTTP functions' handlers by name. */
export function findHandlers(app: App): HandlerOf {
  const { http } = registeredFunctions(app);
  return (name) => {
    const options = http.get(name);
    if (options === undefined) throw new Error(`there is no function ${name}`);
    return options.handler;
  };
}
