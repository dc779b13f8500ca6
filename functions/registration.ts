import type { HttpMethod, TimerHandler } from '@azure/functions';
import type * as azureFunctions from '@azure/functions';
import type { Clock } from '../shared/clock.ts';
import type { OperationName } from '../shared/contract/operations.ts';
import type { Access, Authorise, CallerAuth } from '../shared/http/caller.ts';
import { createHttpHandler } from '../shared/http/handler.ts';
import type { HttpHandlerOptions, Route } from '../shared/http/handler.ts';
import type { RunWithLog } from '../shared/http/invocation-log.ts';

type HttpFunction = {
  /** Below `/api`. */
  readonly route: string;
  readonly methods: readonly HttpMethod[];
  /** Who may call it; there is no default, so that no route is left open by forgetting. */
  readonly access: Access;
  /** When the request's own signal aborts, if not at the usual time. */
  readonly deadlineMs?: number;
};

const reading = ['GET', 'HEAD'] as const;

/** Every HTTP function by name, each of which is described (shared/contract). HEAD is offered wherever GET is. */
export const httpFunctions = {
  'usage-records': { route: 'customers/usagerecords', methods: reading, access: 'Usage.Read' },
  'customer-usage-records': {
    route: 'customers/usagerecords/{customerId:guid}',
    methods: reading,
    access: 'Usage.Read',
  },
  'budget-events': { route: 'budget-events', methods: reading, access: 'Usage.Read' },
  'usage-summary': { route: 'usagesummary', methods: reading, access: 'Usage.Read' },
  // The outcome is waited for 100 s.
  refresh: { route: 'refresh', methods: ['POST'], access: 'Usage.Refresh', deadlineMs: 115_000 },
  'health-live': { route: 'health/live', methods: reading, access: 'anybody' },
  'health-ready': { route: 'health/ready', methods: reading, access: 'Usage.Read' },
  openapi: { route: 'openapi.json', methods: reading, access: 'Usage.Read' },
  swagger: { route: 'swagger.json', methods: reading, access: 'Usage.Read' },
} as const satisfies Readonly<Record<OperationName, HttpFunction>>;

type HttpFunctionName = keyof typeof httpFunctions;

export type FunctionHandlers = {
  readonly http: Readonly<Record<HttpFunctionName, Route>>;
  readonly callerAuth: CallerAuth;
  readonly authorise: Authorise;
  readonly clock: Clock;
  readonly runWithLog: RunWithLog;
  readonly held: HttpHandlerOptions['held'];
  readonly warmUsageCache: { readonly schedule: string; readonly handler: TimerHandler };
};

/** Registers every function with the host's library, each with its access. */
export function registerFunctions(
  app: Pick<typeof azureFunctions.app, 'http' | 'timer'>,
  { http, warmUsageCache, ...shared }: FunctionHandlers,
): void {
  for (const name of httpFunctionNames()) {
    const { route, methods, access, deadlineMs }: HttpFunction = httpFunctions[name];
    // With `entra` the platform has checked the caller's token before the host sees the request.
    const authLevel = access === 'anybody' || shared.callerAuth === 'entra' ? 'anonymous' : 'function';
    const handler = createHttpHandler({ ...shared, route: http[name], access, deadlineMs });
    app.http(name, { route, methods: [...methods], authLevel, handler });
  }
  app.timer('warm-usage-cache', warmUsageCache);
}

/** The names of all HTTP functions. */
export function httpFunctionNames(): HttpFunctionName[] {
  return Object.keys(httpFunctions).filter((name): name is HttpFunctionName => name in httpFunctions);
}
