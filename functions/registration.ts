import type { HttpHandler, TimerHandler } from '@azure/functions';
import type * as azureFunctions from '@azure/functions';

/** Every HTTP function by name, with its route below `/api` and who may call it. HEAD is offered wherever GET is. */
export const httpFunctions = {
  'usage-records': { route: 'customers/usagerecords', authLevel: 'function' },
  'customer-usage-records': { route: 'customers/usagerecords/{customerId:guid}', authLevel: 'function' },
  'budget-events': { route: 'budget-events', authLevel: 'function' },
  'health-live': { route: 'health/live', authLevel: 'anonymous' },
  'health-ready': { route: 'health/ready', authLevel: 'function' },
} as const;

type HttpFunctionName = keyof typeof httpFunctions;

export type FunctionHandlers = {
  readonly http: Readonly<Record<HttpFunctionName, HttpHandler>>;
  readonly warmUsageCache: { readonly schedule: string; readonly handler: TimerHandler };
};

/** Registers every function with the host's library. */
export function registerFunctions(
  app: Pick<typeof azureFunctions.app, 'http' | 'timer'>,
  { http, warmUsageCache }: FunctionHandlers,
): void {
  for (const name of httpFunctionNames()) {
    app.http(name, { ...httpFunctions[name], methods: ['GET', 'HEAD'], handler: http[name] });
  }
  app.timer('warm-usage-cache', warmUsageCache);
}

/** The names of all HTTP functions. */
export function httpFunctionNames(): HttpFunctionName[] {
  return Object.keys(httpFunctions).filter((name): name is HttpFunctionName => name in httpFunctions);
}
