import { describe, expect, it } from 'vitest';
import { createExamples } from '../../shared/contract/examples.ts';
import { operations } from '../../shared/contract/operations.ts';
import { problemSchema, namedSchemas } from '../../shared/contract/schemas.ts';
import { invoke } from '../support/functions/invocation.ts';
import { createUsageFunctions } from '../support/functions/usage-functions.ts';

describe.each(['openapi', 'swagger'] as const)('GET /api/%s.json', (name) => {
  it('is the same under one address, and is not sent again to who holds it', async () => {
    const { handlerOf } = createUsageFunctions();
    const first = await invoke(handlerOf(name), `/api/${name}.json`);
    expect(first.status).toBe(200);
    expect(first.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      vary: 'Accept, Accept-Encoding',
    });
    const headers = { 'if-none-match': first.headers['etag'] ?? '' };
    const again = await invoke(handlerOf(name), `/api/${name}.json`, { headers });
    expect(again).toMatchObject({ status: 304, headers: { etag: first.headers['etag'] } });
  });

  it('takes no parameter but the version', async () => {
    const { handlerOf } = createUsageFunctions();
    const refused = await invoke(handlerOf(name), `/api/${name}.json?top=1`);
    expect(refused).toMatchObject({ status: 400, json: { code: 'UnknownParameter' } });
    expect(problemSchema.safeParse(refused.json).success).toBe(true);
    expect((await invoke(handlerOf(name), `/api/${name}.json?api-version=2026-11-01`)).status).toBe(200);
  });
});

describe('the addresses in descriptions', () => {
  it('are those of PUBLIC_BASE_URL where it is set', async () => {
    const { handlerOf } = createUsageFunctions({ publicBaseUrl: 'https://gateway.contoso.com/usage' });
    const openapi = await invoke(handlerOf('openapi'), '/api/openapi.json');
    expect(openapi.json).toMatchObject({ servers: [{ url: 'https://gateway.contoso.com/usage/api' }] });
    const swagger = await invoke(handlerOf('swagger'), '/api/swagger.json');
    expect(swagger.json).toMatchObject({ host: 'gateway.contoso.com', basePath: '/usage/api', schemes: ['https'] });
  });
});

describe('createExamples', () => {
  it('has answers for every operation but the descriptions, each as a schema of the operation says', () => {
    const examples = createExamples('https://usage.contoso.com/api');
    const described = Object.values(operations).filter(({ tag }) => tag !== 'Description');
    expect(new Set(Object.keys(examples))).toEqual(new Set(described.map(({ id }) => id)));
    for (const { id, bodies } of described) {
      const values = (examples[id] ?? []).map(({ value }): unknown => JSON.parse(JSON.stringify(value)));
      expect(bodies.map((body, at) => namedSchemas[body].safeParse(values[at]).success)).toEqual(
        values.map(() => true),
      );
    }
  });
});
