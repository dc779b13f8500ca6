import type { HttpMethod } from '@azure/functions';
import { createEventParameters } from '../budget-events/query.ts';
import { historyParameters } from '../history/query.ts';
import type { Access } from '../http/caller.ts';
import { usageParameters } from '../query/parameters.ts';
import { customerParameters, summaryParameters } from '../query/select.ts';
import type { JsonObject } from './json-schema.ts';
import { describeParameters } from './parameters.ts';
import type { DescribedParameter } from './parameters.ts';
import type { HeaderName } from './responses.ts';
import type { SchemaName } from './schemas.ts';

/** A route as it is registered, below `/api`. */
export type ContractRoute = {
  readonly name: OperationName;
  readonly route: string;
  readonly methods: readonly [HttpMethod, ...HttpMethod[]];
  readonly access: Access;
};

/** What descriptions say of an operation besides its route. */
type Operation = {
  /** PascalCase; HEAD appends `Head`. */
  readonly id: string;
  readonly tag: 'Usage' | 'Refresh' | 'Health' | 'Description';
  /** A line, as flows show it. */
  readonly summary: string;
  readonly description: string;
  readonly visibility: 'important' | 'advanced' | 'internal';
  readonly parameters: readonly string[];
  /** The JSON body of a 200, and the flat one where there is a choice. */
  readonly bodies: readonly [SchemaName] | readonly [usual: SchemaName, flat: SchemaName];
  readonly isCsv?: boolean;
  /** Whether the caller may send `If-None-Match`. */
  readonly isConditional?: boolean;
  readonly accepted?: { readonly description: string; readonly body?: SchemaName };
  /** Headers of answers from data, besides those of every answer. */
  readonly dataHeaders?: readonly HeaderName[];
  /** Statuses of failures besides those of every operation. */
  readonly failures: readonly number[];
  /** What only connectors of Power Automate understand. */
  readonly connector?: JsonObject;
};

const reading = {
  tag: 'Usage',
  visibility: 'important',
  isConditional: true,
  dataHeaders: ['last-modified', 'cache-status'],
} as const;

const describing = {
  tag: 'Description',
  visibility: 'internal',
  parameters: ['api-version'],
  bodies: ['Description'],
  isConditional: true,
  failures: [400, 406],
} as const;

/** Every operation by the name of its function. */
export const operations = {
  'usage-records': {
    ...reading,
    id: 'ListUsageRecords',
    summary: 'List usage records',
    description: "Lists customers' estimated usage of the month against their budgets: filtered, sorted, page by page.",
    parameters: usageParameters.keyof().options,
    bodies: ['UsageList', 'FlatList'],
    isCsv: true,
    failures: [400, 404, 406, 410],
    connector: { 'x-ms-pageable': { nextLinkName: 'nextLink' } },
  },
  'customer-usage-records': {
    ...reading,
    id: 'GetCustomerUsageRecords',
    summary: 'Get usage records of a customer',
    description:
      'Gets the rows of one customer. There are two if the customer has an Azure plan and a legacy subscription.',
    parameters: customerParameters,
    bodies: ['UsageList', 'FlatList'],
    isCsv: true,
    failures: [400, 404, 406],
  },
  'budget-events': {
    id: 'WhenBudgetCrossed',
    tag: 'Usage',
    visibility: 'important',
    summary: 'When a budget event occurs',
    description:
      'Returns new events since the last call: a customer crosses a threshold, spends without a budget, is projected to exceed its budget, or spends far more than usual.',
    parameters: createEventParameters([]).keyof().options,
    bodies: ['BudgetEvents'],
    accepted: { description: 'No new events. Poll the URL in Location after the seconds in Retry-After.' },
    dataHeaders: [...reading.dataHeaders, 'location', 'retry-after'],
    failures: [400, 406],
    connector: {
      'x-ms-trigger': 'batch',
      'x-ms-trigger-hint': 'To see it work now, let a customer pass a threshold, or choose a low one.',
    },
  },
  'usage-summary': {
    ...reading,
    id: 'GetUsageSummary',
    summary: 'Get usage summary',
    description: 'Gets exact totals and counts of the records that match, by currency.',
    parameters: summaryParameters,
    bodies: ['UsageSummary'],
    failures: [400, 404, 406],
  },
  'usage-history': {
    ...reading,
    id: 'GetUsageHistory',
    summary: 'Get usage history',
    description:
      'Gets the figures of up to 50 customers day by day: what each had cost by then, what it cost that day, and its budget.',
    parameters: historyParameters.keyof().options,
    bodies: ['UsageHistory'],
    isCsv: true,
    failures: [400, 406],
  },
  refresh: {
    id: 'RefreshUsage',
    tag: 'Refresh',
    visibility: 'advanced',
    summary: 'Refresh usage',
    description: 'Gets the newest list from Partner Center now and waits up to 100 seconds for the outcome.',
    parameters: ['api-version'],
    bodies: ['RefreshOutcome'],
    accepted: { description: 'The refresh is still running. See the URL in Location.', body: 'RefreshOutcome' },
    failures: [400, 429],
  },
  'health-live': {
    id: 'GetHealthLive',
    tag: 'Health',
    visibility: 'internal',
    summary: 'Get liveness',
    description: 'Answers while the process runs. Needs no key or token and reads no data.',
    parameters: [],
    bodies: ['Liveness'],
    failures: [],
  },
  'health-ready': {
    id: 'GetHealthReady',
    tag: 'Health',
    visibility: 'advanced',
    summary: 'Get health',
    description: 'Gets the age of the data, the reason of the last failed refresh, and the age of the refresh token.',
    parameters: [],
    bodies: ['Health'],
    dataHeaders: ['last-modified'],
    failures: [],
  },
  openapi: {
    ...describing,
    id: 'GetOpenApi',
    summary: 'Get the full description',
    description: 'Gets the OpenAPI 3.1 description of this service, for developers and their tools.',
  },
  swagger: {
    ...describing,
    id: 'GetSwagger',
    summary: 'Get the connector definition',
    description: 'Gets the Swagger 2.0 description of this service that Power Automate imports.',
  },
} as const satisfies Readonly<Record<string, Operation>>;

export type OperationName = keyof typeof operations;

export type DescribedRoute = Omit<Operation, 'parameters'> &
  ContractRoute & { readonly parameters: readonly DescribedParameter[] };

/** The registered routes with their descriptions. */
export function describeRoutes(routes: readonly ContractRoute[], thresholds: readonly number[]): DescribedRoute[] {
  const described = describeParameters(thresholds);
  return routes.map((route) => {
    const operation: Operation = operations[route.name];
    const parameters = operation.parameters.flatMap((wanted) => described.filter(({ name }) => name === wanted));
    return { ...operation, ...route, parameters };
  });
}
