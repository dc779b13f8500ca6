import type { HttpMethod } from '@azure/functions';
import type { z } from 'zod';
import type { Access } from '../http/caller.ts';
import { customerParameters, summaryParameters } from '../query/route-parameters.ts';
import { budgetEventsSchema } from './event-schema.ts';
import { describedEventParameters, describedUsageParameters } from './parameters.ts';
import type { DescribedParameter } from './parameters.ts';
import { descriptionSchema, healthSchema, livenessSchema, refreshOutcomeSchema } from './service-schemas.ts';
import { usageSummarySchema } from './summary-schema.ts';
import { flatListSchema, usageListSchema } from './usage-schemas.ts';

/** A route as it is registered, below `/api`. */
export type ContractRoute = {
  readonly name: OperationName;
  readonly route: string;
  readonly methods: readonly HttpMethod[];
  readonly access: Access;
};

/** What descriptions say of an operation besides its route. */
type Operation = {
  /** PascalCase; HEAD has `Head` behind it. */
  readonly id: string;
  readonly tag: 'Usage' | 'Refresh' | 'Health' | 'Description';
  /** A line, as flows show it. */
  readonly summary: string;
  readonly description: string;
  readonly visibility: 'important' | 'advanced' | 'internal';
  readonly parameters: readonly DescribedParameter[];
  /** Bodies of a 200 in JSON: one of these. */
  readonly bodies: readonly z.ZodType[];
  /** Whether a 200 may be CSV. */
  readonly isCsv?: boolean;
  /** Whether the caller may hold an answer and ask whether it still stands. */
  readonly isConditional?: boolean;
  /** A 202: what it says, and the schema of its body where it has one. */
  readonly accepted?: { readonly description: string; readonly body?: z.ZodType };
  /** Statuses of failures besides those that every operation has. */
  readonly failures: readonly number[];
};

/** Every operation by the name of its function; registration holds the same names. */
export function listOperations(thresholds: readonly number[]) {
  const usage = describedUsageParameters();
  const only = (names: readonly string[]) => usage.filter(({ name }) => names.includes(name));
  const reading = { tag: 'Usage', visibility: 'important', isConditional: true } as const;
  const versionOnly = { parameters: only(['api-version']), visibility: 'internal' } as const;
  return {
    'usage-records': {
      ...reading,
      id: 'ListUsageRecords',
      summary: 'List usage records',
      description:
        "Lists customers' estimated usage of the month against their budgets: filtered, sorted, page by page.",
      parameters: usage,
      bodies: [usageListSchema, flatListSchema],
      isCsv: true,
      failures: [400, 406, 410],
    },
    'customer-usage-records': {
      ...reading,
      id: 'GetCustomerUsageRecords',
      summary: 'Get usage records of a customer',
      description: 'Gets the rows of one customer, who may have two: an Azure plan and a legacy subscription.',
      parameters: only(customerParameters),
      bodies: [usageListSchema, flatListSchema],
      isCsv: true,
      failures: [400, 404, 406],
    },
    'budget-events': {
      id: 'WhenBudgetCrossed',
      tag: 'Usage',
      visibility: 'important',
      summary: 'When a customer crosses a budget threshold',
      description:
        'Tells, each time it is asked, what has happened since: who passed a share of the budget, spent without one, or is projected to pass it.',
      parameters: describedEventParameters(thresholds),
      bodies: [budgetEventsSchema],
      accepted: {
        description: 'Nothing is new. Ask again where Location says, after as many seconds as Retry-After says.',
      },
      failures: [400, 406],
    },
    'usage-summary': {
      ...reading,
      id: 'GetUsageSummary',
      summary: 'Get usage summary',
      description: 'Gets exact totals and counts of the records that match, currency by currency.',
      parameters: only(summaryParameters),
      bodies: [usageSummarySchema],
      failures: [400, 406],
    },
    refresh: {
      id: 'RefreshUsage',
      tag: 'Refresh',
      visibility: 'advanced',
      summary: 'Refresh usage',
      description: 'Asks Partner Center for the newest list now and waits up to 100 seconds for the outcome.',
      parameters: only(['api-version']),
      bodies: [refreshOutcomeSchema],
      accepted: { description: 'The refresh goes on. Look at the address in Location.', body: refreshOutcomeSchema },
      failures: [400, 429],
    },
    'health-live': {
      id: 'GetHealthLive',
      tag: 'Health',
      visibility: 'internal',
      summary: 'Get liveness',
      description: 'Answers as long as the process does; touches nothing and needs no caller.',
      parameters: [],
      bodies: [livenessSchema],
      failures: [],
    },
    'health-ready': {
      id: 'GetHealthReady',
      tag: 'Health',
      visibility: 'advanced',
      summary: 'Get health',
      description: 'Gets how old the data is, why the last refresh failed, and how old the refresh token is.',
      parameters: [],
      bodies: [healthSchema],
      failures: [],
    },
    openapi: {
      ...versionOnly,
      id: 'GetOpenApi',
      tag: 'Description',
      summary: 'Get the full description',
      description: 'Gets the OpenAPI 3.1 description of this service, for developers and their tools.',
      bodies: [descriptionSchema],
      isConditional: true,
      failures: [400, 406],
    },
    swagger: {
      ...versionOnly,
      id: 'GetSwagger',
      tag: 'Description',
      summary: 'Get the connector definition',
      description: 'Gets the Swagger 2.0 description of this service that Power Automate imports.',
      bodies: [descriptionSchema],
      isConditional: true,
      failures: [400, 406],
    },
  } as const satisfies Readonly<Record<string, Operation>>;
}

/** The names of the functions that are described, which are all. */
export type OperationName = keyof ReturnType<typeof listOperations>;

export type Described = Operation & ContractRoute;

/** Every registered route with what is said of it. */
export function describedRoutes(routes: readonly ContractRoute[], thresholds: readonly number[]): Described[] {
  const operations: Readonly<Record<OperationName, Operation>> = listOperations(thresholds);
  return routes.map((route) => ({ ...operations[route.name], ...route }));
}
