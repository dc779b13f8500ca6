import type * as azureFunctions from '@azure/functions';
import { createHttpHandler } from '../shared/http/handler.ts';
import type { App } from './composition.ts';
import type { HttpFunction } from './http-function.ts';

/** Registers every function with the host's library, each with its access. */
export function registerFunctions(
  host: Pick<typeof azureFunctions.app, 'http' | 'timer'>,
  httpFunctions: readonly HttpFunction[],
  app: App,
): void {
  for (const definition of httpFunctions) {
    const { name, route, methods, access, deadlineMs } = definition;
    // With `entra` the platform has checked the caller's token before the host sees the request.
    const authLevel = access === 'anybody' || app.callerAuth === 'entra' ? 'anonymous' : 'function';
    const handler = createHttpHandler({ ...app, handle: app.createHandler(definition), access, deadlineMs });
    host.http(name, { route, methods: [...methods], authLevel, handler });
  }
  host.timer('warm-usage-cache', app.warmUsageCache);
}
