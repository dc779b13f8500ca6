import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { budgetEventSchema, problemSchema } from '../../../shared/contract/schemas.ts';
import { problemTexts } from '../../../shared/http/problem-texts.ts';
import { describedApi } from '../../contract/described-api.ts';
import { send } from '../../support/http-client.ts';
import { startStage } from '../stage/stage.ts';
import type { App, Stage } from '../stage/stage.ts';

const [head = '', ...blocks] = readFileSync(new URL('../../../requests.http', import.meta.url), 'utf8').split(/^### /m);
const variables = new Map([...head.matchAll(/^@(\w+) = (.+)$/gm)].map(([, name = '', value = '']) => [name, value]));

let stage: Stage;
let app: App;

beforeAll(async () => {
  stage = await startStage();
  app = await stage.startApp();
  await app.tick();
  await stage.advanceHours(1);
});
afterAll(() => stage.end());

function filledIn(text: string): string {
  const values = new Map([...variables, ['baseUrl', app.base], ['key', 'test-function-key']]);
  return text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => values.get(name) ?? 'missing');
}

/** What an editor's REST client makes of a request: the line, then headers up to an empty line. */
async function run(block: string) {
  const [, line = '', ...headerLines] = filledIn(block).trim().split('\n');
  const [method = '', address = ''] = line.split(' ');
  const { pathname, search } = new URL(address);
  const headers = Object.fromEntries(headerLines.map((header) => header.split(/: (.*)/, 2)));
  return send(app.base, pathname + search, { method, headers });
}

describe('requests.http', () => {
  it.each(blocks.map((block) => [block.split(':')[0] ?? '', block]))('%s works as it stands', async (_id, block) => {
    expect([200, 202]).toContain((await run(block)).status);
  });

  it('has one request for each operation', async () => {
    const { operations } = describedApi((await app.get('/api/openapi.json')).json);
    expect(blocks.map((block) => block.split(':')[0])).toEqual(expect.arrayContaining(operations.map(({ id }) => id)));
    expect(blocks).toHaveLength(operations.length);
  });
});

describe('docs/guide/power-automate.md', () => {
  const page = readFileSync(new URL('../../../docs/guide/power-automate.md', import.meta.url), 'utf8');

  it('gives addresses that answer', async () => {
    const addresses = [...page.matchAll(/https:\/\/<host>(\/[^\s'"]+)/g)].map(([, path = '']) => path);
    expect(addresses).toHaveLength(2);
    for (const path of addresses) {
      const headers = path.includes('code=') ? {} : { 'x-functions-key': 'test-function-key' };
      expect((await send(app.base, path.replace('<key>', 'test-function-key'), { headers })).status).toBe(200);
    }
  });

  it('fills in actions with parameters that go together', async () => {
    const { parameters, paths } = Object((await app.get('/api/swagger.json')).json);
    const described: readonly { name?: string; 'x-ms-summary'?: string }[] = [
      ...Object.values<object>(parameters),
      ...paths['/customers/usagerecords'].get.parameters,
    ];
    const names = new Map(described.map(({ name, 'x-ms-summary': title }) => [title, name]));
    const actions = [...page.matchAll(/\*\*List usage records\*\* with (.+?`)\. /g)].map(([, given = '']) =>
      [...given.matchAll(/([A-Z][A-Za-z ]+) `([^`]+)`/g)].map(([, title, value = '']): [string, string] => [
        names.get(title) ?? `no parameter is called ${title}`,
        value === 'No' ? 'false' : value,
      ]),
    );
    expect(actions.map((given) => given.length)).toEqual([2, 2]);
    for (const given of actions) {
      const query = new URLSearchParams(given).toString();
      expect((await app.get(`/api/customers/usagerecords?view=flat&${query}`)).status).toBe(200);
    }
  });

  it('branches on codes and members that an error has', () => {
    const codes = [...page.matchAll(/\['code'\], '(\w+)'/g)].map(([, code = '']) => code);
    const named = [...page.matchAll(/^@.*'code'.*\n@.*$/gm)].join('').matchAll(/\)\?\['(\w+)'\]/g);
    expect(codes.length).toBeGreaterThan(0);
    expect(Object.keys(problemTexts)).toEqual(expect.arrayContaining(codes));
    expect(Object.keys(problemSchema.shape)).toEqual(expect.arrayContaining([...named].map(([, name]) => name)));
  });

  it('names members that an event has', async () => {
    const named = [...page.matchAll(/triggerBody\(\)\?\['(\w+)'\]/g)].map(([, name = '']) => name);
    expect(Object.keys(budgetEventSchema.shape)).toEqual(expect.arrayContaining(named));
    expect(named.length).toBeGreaterThan(5);
  });
});

describe.each(['power-automate', 'history'])('docs/guide/%s.md', (pageName) => {
  const page = readFileSync(new URL(`../../../docs/guide/${pageName}.md`, import.meta.url), 'utf8');

  it('has Power BI ask for a file with the columns that it types', async () => {
    const [, path = ''] = /RelativePath = "(.+)"/.exec(page) ?? [];
    const [, query = ''] = /Query = \[(.+)\]/.exec(page) ?? [];
    const asked = new URLSearchParams();
    for (const [, name = '', text = ''] of query.matchAll(/(\w+) = "([^"]*)"/g)) asked.append(name, text);
    const { status, body } = await app.get(`/${path}?${asked.toString()}`);
    expect(status).toBe(200);
    const columns = (body.split('\r\n')[0] ?? '').replace('\ufeff', '').split(',');
    const typed = [...page.matchAll(/\{"(\w+)", type/g)].map(([, name]) => name);
    expect(columns).toEqual(expect.arrayContaining(typed));
    expect(typed.length).toBeGreaterThan(3);
  });
});
