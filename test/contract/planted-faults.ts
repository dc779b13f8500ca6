/** A place in a JSON document. */
export type Place = readonly (string | number)[];

export type PlantedFault = {
  readonly what: string;
  readonly at: Place;
  /** `undefined` takes the member away. */
  readonly value: unknown;
  /** What one of the findings says. */
  readonly found: RegExp;
};

const list = ['paths', '/customers/usagerecords', 'get'] as const;
const customer = ['paths', '/customers/usagerecords/{customerId}', 'get'] as const;
const events = ['paths', '/budget-events', 'get'] as const;
const view = ['parameters', 'view'] as const;

/** Faults to plant in a copy of the connector's definition, each of which makes a connector that does not work or is refused. */
export const plantedFaults: readonly PlantedFault[] = [
  { what: 'a host with a scheme', at: ['host'], value: 'https://usage.contoso.com', found: /host has a scheme/ },
  { what: 'plain http', at: ['schemes'], value: ['http', 'https'], found: /schemes are not https/ },
  { what: 'a title that says API', at: ['info', 'title'], value: 'Partner Usage API', found: /title says API/ },
  { what: 'no contact', at: ['info', 'contact'], value: undefined, found: /contact is missing/ },
  { what: 'an operationId twice', at: [...customer, 'operationId'], value: 'ListUsageRecords', found: /operation/i },
  { what: 'a camelCase operationId', at: [...list, 'operationId'], value: 'listUsageRecords', found: /PascalCase/ },
  { what: 'a summary with a slash', at: [...list, 'summary'], value: 'List usage/records', found: /summary is no/ },
  {
    what: 'a summary as description',
    at: [...list, 'description'],
    value: 'List usage records',
    found: /nothing more/,
  },
  {
    what: 'a parameter without a title',
    at: ['parameters', 'search', 'x-ms-summary'],
    value: undefined,
    found: /x-ms-summary is missing/,
  },
  {
    what: 'a property without a description',
    at: ['definitions', 'FlatRow', 'properties', 'totalCost', 'description'],
    value: undefined,
    found: /description is missing/,
  },
  {
    what: 'a parameter written twice',
    at: [...customer, 'parameters', 1],
    value: { name: 'top', in: 'query', type: 'integer', 'x-ms-summary': 'Top', description: 'Top.' },
    found: /written twice/,
  },
  { what: 'no success schema', at: [...list, 'responses', '200', 'schema'], value: undefined, found: /not one schema/ },
  {
    what: 'a schema of a second success',
    at: [...list, 'responses', '201'],
    value: { description: 'Made.', schema: { type: 'object' } },
    found: /not one schema/,
  },
  {
    what: 'a schema of the default',
    at: [...list, 'responses', 'default'],
    value: { description: 'Other.', schema: { type: 'object' } },
    found: /the default has a schema/,
  },
  {
    what: 'a member of an error that is not named',
    at: [...list, 'responses', '400', 'schema'],
    value: { type: 'object', properties: { code: { type: 'string' } } },
    found: /x-ms-summary/,
  },
  {
    what: 'a path parameter that is not required',
    at: [...customer, 'parameters', 0, 'required'],
    value: false,
    found: /required/,
  },
  {
    what: 'a path parameter without its encoding',
    at: [...customer, 'parameters', 0, 'x-ms-url-encoding'],
    value: undefined,
    found: /url-encoding/,
  },
  {
    what: 'an internal parameter without a default',
    at: [...view, 'default'],
    value: undefined,
    found: /has no default/,
  },
  {
    what: 'a default of another type',
    at: ['parameters', 'hasBudget', 'default'],
    value: 'yes',
    found: /another type/,
  },
  {
    what: 'a parameter named connectionId',
    at: ['parameters', 'search', 'name'],
    value: 'connectionId',
    found: /connectionId/,
  },
  {
    what: 'a batch trigger that answers an object',
    at: [...events, 'responses', '200', 'schema', '$ref'],
    value: '#/definitions/BudgetEvent',
    found: /answers no array/,
  },
  { what: 'a trigger without a hint', at: [...events, 'x-ms-trigger-hint'], value: undefined, found: /no hint/ },
  { what: 'a trigger without its 202', at: [...events, 'responses', '202'], value: undefined, found: /no 202/ },
  {
    what: 'a next link that flows do not follow',
    at: [...list, 'x-ms-pageable', 'nextLinkName'],
    value: 'next',
    found: /no link that flows follow/,
  },
  { what: 'a security that is not defined', at: ['security'], value: [{ entra: [] }], found: /not defined/ },
  {
    what: 'a misspelt extension',
    at: [...list, 'x-ms-visbility'],
    value: 'important',
    found: /no extension x-ms-visbility/,
  },
  {
    what: 'a visibility that does not exist',
    at: [...list, 'x-ms-visibility'],
    value: 'hidden',
    found: /another value/,
  },
  {
    what: 'a reference to nothing',
    at: [...list, 'responses', '200', 'schema', '$ref'],
    value: '#/definitions/Nothing',
    found: /swagger-parser/,
  },
  {
    what: 'an example that is not what the schema says',
    at: [...list, 'responses', '200', 'examples', 'application/json', 'totalCount'],
    value: 'many',
    found: /example/,
  },
];

/** A copy of a JSON document with another value in one place. */
export function withValueAt(document: unknown, [first, ...rest]: Place, value: unknown): unknown {
  if (first === undefined) return value;
  if (Array.isArray(document)) {
    const items: readonly unknown[] = document;
    return items.with(Number(first), withValueAt(items[Number(first)], rest, value));
  }
  const members: Readonly<Record<string, unknown>> = typeof document === 'object' ? { ...document } : {};
  if (document === undefined || (rest.length > 0 && !(first in members))) throw new Error(`there is no ${first}`);
  return { ...members, [first]: withValueAt(members[first], rest, value) };
}
