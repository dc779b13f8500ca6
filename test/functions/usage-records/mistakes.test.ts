import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { usageParameters } from '../../../shared/query/parameters.ts';
import { invoke } from '../../support/functions/invocation.ts';
import { createUsageFunctions } from '../../support/functions/usage-functions.ts';
import { parameterValues } from './parameter-values.ts';

const list = '/api/customers/usagerecords';
const guidForm = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

const rows = Object.entries(parameterValues).map(([name, row]) => ({
  name,
  code: 'InvalidParameter',
  beside: '',
  ...row,
}));

const badRequest = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.literal(400),
  instance: z.string().regex(guidForm),
  code: z.string(),
  detail: z.string(),
  errors: z.array(
    z.strictObject({
      parameter: z.string(),
      code: z.string(),
      detail: z.string().min(5),
      allowed: z.array(z.string()).optional(),
    }),
  ),
});

const functions = createUsageFunctions();

beforeAll(async () => {
  await functions.refresh();
});

/** The problem body, after checking everything that holds for each 400. */
async function refusalOf(query: string) {
  const reply = await invoke(functions.list, `${list}?${query}`);
  const problem = badRequest.parse(reply.json);
  expect(reply.status).toBe(400);
  expect(reply.headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'x-ms-error-code': problem.code,
    'x-ms-request-id': problem.instance,
    'cache-control': 'no-store',
  });
  expect(problem.type).toBe(`urn:partner-usage-api:problem:${problem.code}`);
  for (const { parameter, detail } of problem.errors) expect(problem.detail).toContain(`${parameter}: ${detail}`);
  return problem;
}

/** `parameter code` of each mistake. */
async function mistakesOf(query: string): Promise<string[]> {
  return (await refusalOf(query)).errors.map(({ parameter, code }) => `${parameter} ${code}`);
}

describe('a bad value in GET /api/customers/usagerecords', () => {
  it('is tried for every parameter there is', () => {
    expect(Object.keys(parameterValues)).toEqual(usageParameters.keyof().options);
  });

  it.each(rows.flatMap(({ bad, ...row }) => bad.map((value) => ({ ...row, value }))))(
    '$name=$value is a 400 $code',
    async ({ name, value, code, beside }) => {
      const problem = await refusalOf(`${new URLSearchParams({ [name]: value }).toString()}${beside}`);
      expect(problem.code).toBe(code);
      expect(problem.errors).toMatchObject([{ parameter: name, code }]);
    },
  );

  it('of few possible values is answered with them', async () => {
    const { errors } = await refusalOf('view=x&format=x&api-version=x&orderby=x');
    expect(Object.fromEntries(errors.map(({ parameter, allowed }) => [parameter, allowed]))).toEqual({
      'api-version': ['2026-11-01'],
      view: ['full', 'flat'],
      format: ['json', 'csv'],
      orderby: [
        'percentUsed',
        'totalCost',
        'usdTotalCost',
        'customerName',
        'budgetAmount',
        'lastModifiedDate',
        'pacePercent',
        'projectedMonthEndCost',
      ],
    });
  });

  it('that lost its plus sign on the way is told how to write it', async () => {
    const { errors } = await refusalOf('modifiedSince=2026-01-20T02:00:00+01:00');
    expect(errors).toMatchObject([{ parameter: 'modifiedSince', detail: expect.stringContaining('%2B') }]);
  });
});

describe.each(rows)('the parameter $name', ({ name, good, beside }) => {
  it('is a 400 when it is empty', async () => {
    expect(await mistakesOf(`${name}=${beside}`)).toEqual([`${name} InvalidParameter`]);
    expect(await mistakesOf(`${name}${beside}`)).toEqual([`${name} InvalidParameter`]);
  });

  it('is a 400 when it is repeated, also in another letter case or with an equal value', async () => {
    const value = encodeURIComponent(good);
    for (const second of [name, name.toUpperCase()]) {
      expect(await mistakesOf(`${name}=${value}&${second}=${value}${beside}`)).toEqual([`${name} DuplicateParameter`]);
    }
    expect(await mistakesOf(`${name}=${value}&${name}=${beside}`)).toEqual([`${name} DuplicateParameter`]);
  });

  it('is a 400 in the wrong letter case, which names the right one', async () => {
    const wrong = name.toUpperCase();
    const { code, errors } = await refusalOf(`${wrong}=${encodeURIComponent(good)}${beside}`);
    expect(code).toBe('UnknownParameter');
    expect(errors).toMatchObject([{ parameter: wrong, detail: expect.stringContaining(`did you mean \`${name}\`?`) }]);
    expect(errors[0]?.allowed).toEqual(Object.keys(parameterValues));
  });
});

describe('an unknown parameter of GET /api/customers/usagerecords', () => {
  it.each([
    ['minPercent', 'minPercentUsed'],
    ['$top', 'top'],
    ['order_by', 'orderby'],
    ['maxPageSize', 'maxpagesize'],
    ['customerIds', 'customerId'],
    ['api_version', 'api-version'],
  ])('%s is a 400 that names %s', async (name, nearest) => {
    const { code, errors } = await refusalOf(`${name}=1`);
    expect(code).toBe('UnknownParameter');
    expect(errors).toMatchObject([
      { parameter: name, detail: expect.stringContaining(`did you mean \`${nearest}\`?`) },
    ]);
  });

  it.each(['colour', '%24filter', '', 'a'.repeat(500), '%00', '__proto__', 'constructor'])(
    '%s is a 400 without a guess',
    async (name) => {
      const { errors } = await refusalOf(`${name}=1`);
      expect(errors).toMatchObject([{ code: 'UnknownParameter', detail: 'unknown parameter' }]);
      expect(errors[0]?.parameter).toBe(decodeURIComponent(name).slice(0, 64));
    },
  );

  it('is named with the others up to twenty', async () => {
    const query = Array.from({ length: 50 }, (_, number) => `colour${number}=1`).join('&');
    expect((await refusalOf(query)).errors).toHaveLength(20);
  });
});

describe('several mistakes in GET /api/customers/usagerecords', () => {
  it('are all named in one 400', async () => {
    const query = 'minPercentUsed=abc&hasBudget=maybe&top=0&colour=red&skip=1&skip=2';
    const { code, errors } = await refusalOf(query);
    expect(code).toBe('InvalidRequest');
    expect(errors.map((mistake) => `${mistake.parameter} ${mistake.code}`).toSorted()).toEqual([
      'colour UnknownParameter',
      'hasBudget InvalidParameter',
      'minPercentUsed InvalidParameter',
      'skip DuplicateParameter',
      'top InvalidParameter',
    ]);
  });

  it('are named with what the sound values say together', async () => {
    const query = 'minUsdTotalCost=5&maxUsdTotalCost=4&minTotalCost=1&view=x&modifiedSince=2999-01-01T00:00:00Z&Top=1';
    expect((await mistakesOf(query)).toSorted()).toEqual([
      'Top UnknownParameter',
      'minTotalCost CurrencyRequired',
      'minUsdTotalCost InvalidRange',
      'modifiedSince InvalidParameter',
      'view InvalidParameter',
    ]);
  });

  it('carry their own code when they are of one kind', async () => {
    expect((await refusalOf('top=0&skip=-1')).code).toBe('InvalidParameter');
    expect((await refusalOf('minPercentUsed=2&maxPercentUsed=1')).code).toBe('InvalidRange');
  });
});

describe('a combination of parameters', () => {
  it.each([
    ['minPercentUsed=2&maxPercentUsed=1.9999', 'minPercentUsed InvalidRange'],
    ['minTotalCost=2&maxTotalCost=-2&currencyCode=EUR', 'minTotalCost InvalidRange'],
    ['minUsdTotalCost=2&maxUsdTotalCost=1', 'minUsdTotalCost InvalidRange'],
    ['minTotalCost=1', 'minTotalCost CurrencyRequired'],
    ['maxTotalCost=1&currencyCode=EUR,USD', 'maxTotalCost CurrencyRequired'],
    ['minTotalCost=1&currencyCode=none', 'minTotalCost CurrencyRequired'],
    ['orderby=totalCost', 'orderby CurrencyRequired'],
    ['orderby=percentUsed,totalCost%20desc&currencyCode=EUR,none', 'orderby CurrencyRequired'],
    // What the caller meant by the currency is not known, so nothing more is said of the cost.
    ['minTotalCost=1&currencyCode=euro', 'currencyCode InvalidParameter'],
  ])('%s is a 400: %s', async (query, mistake) => {
    expect(await mistakesOf(query)).toEqual([mistake]);
  });

  it.each([
    'minPercentUsed=2&maxPercentUsed=2',
    'minTotalCost=1&currencyCode=EUR,EUR',
    'orderby=totalCost&currencyCode=GBP',
  ])('%s is fine', async (query) => {
    expect((await invoke(functions.list, `${list}?${query}`)).status).toBe(200);
  });
});
