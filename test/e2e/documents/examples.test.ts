import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startStage } from '../stage/stage.ts';
import type { App, Stage } from '../stage/stage.ts';

const hourMs = 3_600_000;
const response = z.looseObject({
  content: z
    .looseObject({
      'application/json': z
        .looseObject({
          examples: z.record(z.string(), z.object({ summary: z.string(), value: z.unknown() })).default({}),
        })
        .optional(),
    })
    .optional(),
  examples: z.record(z.string(), z.unknown()).default({}),
});
const operation = z.looseObject({ operationId: z.string(), responses: z.record(z.string(), response) });
const document = z.looseObject({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

let stage: Stage;
let app: App;
let since: string;

/** The value of a JSON text with every number as the digits it was written with, and what differs by the moment and the host taken out. */
function readExact(text: string): unknown {
  return JSON.parse(text, (name: string, value: unknown, context?: { readonly source?: string }) => {
    if (['fetchedAt', 'crossedAt', 'issuedAt', 'sequence'].includes(name)) return 'of the moment';
    // The host differs between the app and the connector's definition.
    if (name === 'usageRecordsUrl') return String(value).replace(/^https?:\/\/[^/]+/, '');
    return typeof value === 'number' ? `${context?.source} (number)` : value;
  });
}

/** The operations of a description that have an answer 200. */
function listAnswers(text: string) {
  const members = Object.values(document.parse(readExact(text)).paths).flatMap((item) => Object.values(item));
  return members.flatMap((member) => {
    const { operationId, responses } = operation.safeParse(member).data ?? {};
    const answer = responses?.['200'];
    return operationId === undefined || answer === undefined ? [] : [{ operationId, answer }];
  });
}

async function advanceTo(instant: string): Promise<void> {
  const { now } = (await stage.control()).clock;
  await stage.control({ advanceHours: (Date.parse(instant) - Date.parse(now)) / hourMs });
}

/** What the app answers to the request of an example; a poll goes on where it stood before the month began. */
async function requestAnswer(request: string): Promise<unknown> {
  const [method = '', path = ''] = request.split(' ');
  if (method === 'POST') await stage.advanceHours(1);
  const reply = await app.get(path.startsWith('/api/budget-events') ? `${path}&since=${since}` : path, {}, method);
  expect({ request, status: reply.status }).toEqual({ request, status: 200 });
  return readExact(reply.body);
}

/** The four documented records, which spend again from nothing when a month begins. */
beforeAll(async () => {
  stage = await startStage({ customers: 4 });
  await advanceTo('2026-10-31T12:00:00Z');
  const name = 'partner-center-refresh-token';
  await stage.storeSecret(name, (await stage.secret(name)).value);
  app = await stage.startApp();
  await app.tick();
  const { location = '' } = (await app.get('/api/budget-events')).headers;
  since = new URL(location).searchParams.get('since') ?? '';
  await advanceTo('2026-11-20T12:00:00Z');
  await app.tick();
});
afterAll(() => stage.end());

describe('every example', () => {
  const verified = new Map<string, unknown[]>();

  it('of openapi.json is, digit by digit, what the app answers to its request', async () => {
    for (const { operationId, answer } of listAnswers((await app.get('/api/openapi.json')).body)) {
      const { examples = {} } = answer.content?.['application/json'] ?? {};
      for (const { summary, value } of Object.values(examples)) expect(value).toEqual(await requestAnswer(summary));
      verified.set(
        operationId,
        Object.values(examples).map(({ value }) => value),
      );
    }
    const counts = [...verified].filter(([id]) => !id.endsWith('Head')).map(([id, values]) => [id, values.length]);
    expect(Object.fromEntries(counts)).toEqual({
      ListUsageRecords: 2,
      GetCustomerUsageRecords: 2,
      WhenBudgetCrossed: 1,
      GetUsageHistory: 1,
      GetUsageSummary: 1,
      RefreshUsage: 1,
      GetHealthLive: 1,
      GetHealthReady: 1,
      GetOpenApi: 0,
      GetSwagger: 0,
    });
  });

  it.each(['swagger.json', 'the connector'])('of %s is one of these', async (name) => {
    const connector = new URL('../../../infra/connector/apiDefinition.swagger.json', import.meta.url);
    const text = name === 'swagger.json' ? (await app.get('/api/swagger.json')).body : readFileSync(connector, 'utf8');
    for (const { operationId, answer } of listAnswers(text)) {
      const examples = Object.values(answer.examples);
      expect(examples).toHaveLength((verified.get(operationId) ?? []).length > 0 ? 1 : 0);
      for (const example of examples) expect(verified.get(operationId)).toContainEqual(example);
    }
  });

  it("shows Partner Center's own digits", () => {
    expect(JSON.stringify(verified.get('ListUsageRecords'))).toContain('"27.23292827625710931604 (number)"');
  });
});
