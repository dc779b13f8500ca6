import type * as azureFunctions from '@azure/functions';
import type { HttpMethod } from '@azure/functions';
import type { OperationName } from '../shared/contract/operations.ts';
import type { Access } from '../shared/http/caller.ts';
import { createHttpHandler } from '../shared/http/handler.ts';
import type { RequestHandler } from '../shared/http/handler.ts';
import type { App, AppParts } from './composition.ts';

/** An HTTP-triggered function: all that the host must know of it, and what answers its requests. */
export type HttpFunction = {
  /** Also the name under which shared/contract describes it. */
  readonly name: OperationName;
  /** Below `/api`. */
  readonly route: string;
  /** Descriptions name the first one. */
  readonly methods: readonly [HttpMethod, ...HttpMethod[]];
  /** Who may call it; there is no default, so that no function is left open by forgetting. */
  readonly access: Access;
  /** When the request's own signal aborts, if not at the usual time. */
  readonly deadlineMs?: number;
  /** Whether it may name bad settings while there are any. */
  readonly namesBadSettings?: boolean;
  createHandler(parts: AppParts): RequestHandler;
};

/** The methods of a function that reads: HEAD is offered wherever GET is. */
export const readMethods: HttpFunction['methods'] = ['GET', 'HEAD'];

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
