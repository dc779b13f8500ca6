import { fc } from '@fast-check/vitest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpFunctions } from '../../../functions/http-functions.ts';
import { describedApi } from '../../contract/described-api.ts';
import type { DescribedOperation, DescribedParameter } from '../../contract/described-api.ts';
import { badValues, goodValues } from '../../contract/described-values.ts';
import { principalWithRoles } from '../../support/functions/principal.ts';
import { startStage } from '../stage/stage.ts';
import type { App, Reply, Stage } from '../stage/stage.ts';

/** The same hundreds of calls each time: what fails here fails for whoever looks next. */
const seed = 20_261_121;

const customer = '11111111-641b-4c53-b7fc-0f2bfca8a581';
const list = '/api/customers/usagerecords';
/** Only out of an earlier answer: what one makes up has the right form and is refused. */
const fromAnswers = new Set(['cursor', 'since']);
/** A refresh that takes 100 s, and a defect: both are brought about in the functions' own tests. */
const notHere = ['RefreshUsage 202', 'RefreshUsage 500'];

let stage: Stage;
let app: App;
let api: ReturnType<typeof describedApi>;
const seen = new Set<string>();

beforeAll(async () => {
  stage = await startStage({ customers: 60 });
  app = await stage.startApp();
  api = describedApi((await app.get('/api/openapi.json')).json);
});
afterAll(() => stage.end());

type Query = readonly (readonly [name: string, text: string])[];
type Headers = Readonly<Record<string, string>>;

/** The answer of an operation, when it is as described; an assertion when it is not. */
async function call(
  operation: DescribedOperation,
  query: Query = [],
  headers: Headers = {},
  from: App = app,
): Promise<Reply> {
  const asked = [...query, ...missingQuery(operation, query)];
  const text = asked.map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
  const path = `/api${operation.path.replace('{customerId}', customer)}?${text}`;
  const reply = await from.get(path, headers, operation.method.toUpperCase());
  expect({ path, complaints: api.complaintsOf(operation, reply) }).toEqual({ path, complaints: [] });
  seen.add(`${operation.id} ${reply.status}`);
  return reply;
}

/** The history of all customers at once is refused. */
function missingQuery({ path }: DescribedOperation, query: Query): Query {
  const isNamed = query.some(([name]) => name.toLowerCase() === 'customerid');
  return path === '/usagehistory' && !isNamed ? [['customerId', customer]] : [];
}

async function callEach(headers: Headers = {}, from: App = app): Promise<Record<string, number>> {
  const statuses: Record<string, number> = {};
  for (const operation of api.operations) statuses[operation.id] = (await call(operation, [], headers, from)).status;
  return statuses;
}

function toOperation(id: string): DescribedOperation {
  const found = api.operations.find((operation) => operation.id === id);
  if (found === undefined) throw new Error(`there is no ${id}`);
  return found;
}

/** An order names each field once, which no pattern says in few words; the description does. */
function isOfDifferentWords(text: string): boolean {
  const words = [...text.matchAll(/\b(?!asc\b|desc\b)[a-z]+[A-Z]\w*/g)].map(([word]) => word);
  return new Set(words).size === words.length;
}

/** No pattern says which month is now; the description does. */
function isNoFutureMonth(text: string): boolean {
  return !/^\d{4}-\d\d$/.test(text) || text < '2026-11';
}

/** What a value needs beside it to be allowed. */
function companionsOf({ parameters }: DescribedOperation, name: string, text: string): Query {
  const wanted: Query = [
    [name === 'from' ? 'to' : 'from', text],
    [name === 'csvSeparator' ? 'format' : 'view', name === 'csvSeparator' ? 'csv' : 'flat'],
    ['currencyCode', 'EUR'],
  ];
  return wanted.filter(
    ([each]) =>
      each !== name &&
      name !== 'format' &&
      (name === 'from' || name === 'to' || (each !== 'from' && each !== 'to')) &&
      parameters.some((known) => known.name === each),
  );
}

/** The values of a parameter that are not taken, or not refused, as described. */
async function surprisesOf(operation: DescribedOperation, parameter: DescribedParameter): Promise<string[]> {
  const { name } = parameter;
  const surprises: string[] = [];
  for (const text of fc.sample(goodValues(parameter).filter(isOfDifferentWords).filter(isNoFutureMonth), {
    numRuns: 5,
    seed,
  })) {
    const { status } = await call(operation, [...companionsOf(operation, name, text), [name, text]]);
    if ((status === 400) !== fromAnswers.has(name)) surprises.push(`${operation.id} ${name}=${text}: ${status}`);
  }
  for (const text of fc.sample(badValues(parameter), { numRuns: 4, seed })) {
    const { status, json } = await call(operation, [...companionsOf(operation, name, '2026-10-01'), [name, text]]);
    const isNamed = status === 400 && Object(json).errors[0].parameter === name;
    if (!isNamed) surprises.push(`${operation.id} ${name}=${text}: ${status}`);
  }
  return surprises;
}

describe('openapi.json', () => {
  it('describes every registered route and method, and no other', () => {
    const registered = httpFunctions.flatMap(({ route, methods }) =>
      methods.map((method) => `${method} /${route.replace(':guid', '')}`),
    );
    const described = api.operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    expect(described.toSorted()).toEqual(registered.toSorted());
  });

  it('describes what is answered while there is no data and no way to get any', async () => {
    await stage.fault('partner-center', '404');
    const statuses = await callEach();
    await stage.clearFaults();
    expect(statuses).toMatchObject({
      ListUsageRecords: 503,
      GetUsageSummary: 503,
      GetHealthReady: 503,
      RefreshUsage: 503,
    });
  });

  it('describes what is answered when all is well', async () => {
    await stage.advanceHours(2);
    await app.tick();
    const statuses = await callEach();
    expect(statuses).toMatchObject({
      ListUsageRecords: 200,
      WhenBudgetCrossed: 202,
      GetOpenApi: 200,
      RefreshUsage: 429,
    });
    await stage.advanceHours(1);
    expect((await call(toOperation('RefreshUsage'))).status).toBe(200);
  });

  it('describes every parameter: what it says is right is taken, what it says is wrong is refused by name', async () => {
    const surprises: string[] = [];
    for (const operation of api.operations.filter(({ method }) => method === 'get')) {
      for (const parameter of operation.parameters) surprises.push(...(await surprisesOf(operation, parameter)));
    }
    expect(surprises).toEqual([]);
  });

  it('describes the answers to whatever is asked', async () => {
    let calls = 0;
    for (const operation of api.operations.filter(({ parameters }) => parameters.length > 0)) {
      const one = fc.oneof(
        ...operation.parameters.flatMap((parameter) => [
          goodValues(parameter).map((text) => [parameter.name, text] as const),
          badValues(parameter).map((text) => [parameter.name, text] as const),
        ]),
        fc.tuple(fc.string({ minLength: 1, maxLength: 8 }), fc.string({ maxLength: 8 })),
      );
      const asked = fc.asyncProperty(fc.array(one, { maxLength: 4 }), async (query) => {
        await call(operation, query);
        calls += 1;
      });
      await fc.assert(asked, { numRuns: 40, seed });
    }
    expect(calls).toBeGreaterThan(400);
  });

  it('describes what becomes of conditions, of types nobody has, and of callers without a key', async () => {
    for (const operation of api.operations) {
      if (!operation.statuses.includes(304)) continue;
      const { etag = '' } = (await call(operation)).headers;
      expect((await call(operation, [], { 'if-none-match': etag })).status).toBe(304);
    }
    const unliked = await callEach({ accept: 'image/png' });
    expect(unliked).toMatchObject({
      ListUsageRecords: 406,
      GetSwagger: 406,
      WhenBudgetCrossed: 406,
      GetHealthLive: 200,
    });
    const unknown = await callEach({ 'x-functions-key': 'wrong' });
    expect(new Set(Object.values(unknown))).toEqual(new Set([200, 401]));
    expect(unknown).toMatchObject({ GetHealthLive: 200, GetHealthReady: 401, GetOpenApi: 401 });
  });

  it('describes rows, pages, events and errors that only time brings', async () => {
    const first = await call(toOperation('ListUsageRecords'), [['maxpagesize', '10']]);
    const cursor = new URL(Object(first.json).nextLink).searchParams.get('cursor') ?? '';
    const since = new URL((await call(toOperation('WhenBudgetCrossed'))).headers.location ?? '').searchParams.get(
      'since',
    );
    await stage.advanceHours(60);
    await app.tick();
    for (const suffix of ['', 'Head']) {
      const gone = await call(toOperation(`ListUsageRecords${suffix}`), [
        ['maxpagesize', '10'],
        ['cursor', cursor],
      ]);
      expect(gone.status).toBe(410);
      expect((await call(toOperation(`ListUsageRecords${suffix}`), [['asOf', '2026-01-31']])).status).toBe(404);
      const events = await call(toOperation(`WhenBudgetCrossed${suffix}`), [['since', since ?? '']]);
      expect(events.status).toBe(200);
      const path = toOperation(`GetCustomerUsageRecords${suffix}`);
      const nobody = { ...path, path: path.path.replace('{customerId}', '99999999-9999-4999-8999-999999999999') };
      const method = path.method.toUpperCase();
      const reply = await app.get(`/api${nobody.path}`, {}, method);
      expect(reply.status).toBe(404);
      expect(api.complaintsOf(path, reply)).toEqual([]);
      seen.add(`${path.id} 404`);
    }
    expect((await app.get(`${list}/no-guid`)).status).toBe(404);
  });

  it('is more than words: an answer with one member too many, too few or of another type is none of those described', async () => {
    const operation = toOperation('ListUsageRecords');
    for (const view of ['full', 'flat']) {
      const reply = await call(operation, [
        ['view', view],
        ['top', '1'],
      ]);
      const complaints = [
        { ...Object(reply.json), more: 1 },
        { ...Object(reply.json), totalCount: '1' },
        { ...Object(reply.json), snapshot: undefined },
        { ...Object(reply.json), value: [{ percentUsed: 'much' }] },
      ].map((body) => api.complaintsOf(operation, { ...reply, body: JSON.stringify(body) }).length);
      expect(Math.min(...complaints)).toBeGreaterThan(0);
      expect(api.complaintsOf(operation, { ...reply, status: 418 })).toHaveLength(1);
    }
  });

  it('describes a service that is not configured', async () => {
    const other = await stage.startApp({ USAGE_FRESH_MINUTES: 'soon' });
    expect(new Set(Object.values(await callEach({}, other)))).toEqual(new Set([503]));
  });

  it('describes no status that is never answered', () => {
    const described = api.operations.flatMap(({ id, statuses }) => statuses.map((status) => `${id} ${status}`));
    const never = described.filter((each) => !seen.has(each) && !each.endsWith(' 500'));
    expect(never.filter((each) => !notHere.includes(each))).toEqual([]);
  });
});

describe('openapi.json with CALLER_AUTH=entra', () => {
  it('describes callers without a role, and nothing else otherwise', async () => {
    const entra = await stage.startApp({ CALLER_AUTH: 'entra', WEBSITE_AUTH_ENABLED: 'true' });
    const reader = { 'x-ms-client-principal': principalWithRoles('Usage.Read') };
    api = describedApi((await entra.get('/api/openapi.json', reader)).json);
    expect(await callEach(reader, entra)).toMatchObject({ ListUsageRecords: 200, RefreshUsage: 403 });
    expect(await callEach({}, entra)).toMatchObject({ ListUsageRecords: 401, GetHealthLive: 200 });
    const roleless = { 'x-ms-client-principal': principalWithRoles('Usage.None') };
    expect(await callEach(roleless, entra)).toMatchObject({ ListUsageRecords: 403, GetSwagger: 403 });
  });
});
