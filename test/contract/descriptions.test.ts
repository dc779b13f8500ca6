import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { httpFunctions } from '../../functions/http-functions.ts';
import { connectorFiles } from '../../infra/connector/generate.ts';
import { parseExactJson } from '../../shared/contract/examples.ts';
import { buildOpenApi } from '../../shared/contract/openapi.ts';
import { buildSwagger } from '../../shared/contract/swagger.ts';
import { findingsOf } from './connector-check.ts';
import { plantedFaults, withValueAt } from './planted-faults.ts';

const definition = connectorFiles['apiDefinition.swagger.json'];
const service = { thresholds: [50, 80, 90, 100, 120], routes: httpFunctions };
const local = { ...service, baseUrl: 'http://localhost:7071/api' };
const published = { ...service, baseUrl: 'https://gateway.contoso.com/usage/api' };

const sound = {
  'openapi.json with keys': buildOpenApi({ ...local, callerAuth: 'key' }),
  'openapi.json with Entra': buildOpenApi({ ...published, callerAuth: 'entra' }),
  'swagger.json with keys': buildSwagger({ ...local, callerAuth: 'key' }),
  'swagger.json with Entra': buildSwagger({ ...published, callerAuth: 'entra' }),
  'the connector': definition,
};
let findings: Readonly<Record<string, readonly string[]>> = {};

/** Several faults share a copy, because each copy takes Spectral a while; no two in one copy are found by the same words. */
const copies = 10;
const copyOf = (place: number) => `copy ${place % copies}`;

beforeAll(async () => {
  const faulty: Record<string, unknown> = {};
  for (const [place, { at, value }] of plantedFaults.entries()) {
    const copy = copyOf(place);
    faulty[copy] = withValueAt(faulty[copy] ?? definition, at, value);
  }
  findings = await findingsOf({ ...sound, ...faulty });
});

describe.each(Object.keys(sound))('%s', (name) => {
  it('passes swagger-parser, Spectral, and the eight rules for connectors', () => {
    expect(findings[name]).toEqual([]);
  });
});

describe('the check', () => {
  it.each(plantedFaults.map((fault, place) => ({ ...fault, place })))('catches $what', ({ place, found }) => {
    expect(findings[copyOf(place)]?.join('\n')).toMatch(found);
  });

  it('is tried with 20 faults and more', () => {
    expect(plantedFaults.length).toBeGreaterThanOrEqual(20);
  });
});

describe('swagger.json', () => {
  it('says where the service is, behind a gateway too', () => {
    expect(buildSwagger({ ...local, callerAuth: 'key' })).toMatchObject({ host: 'localhost:7071', basePath: '/api' });
    expect(buildSwagger({ ...published, callerAuth: 'key' })).toMatchObject({
      host: 'gateway.contoso.com',
      basePath: '/usage/api',
    });
  });
});

describe('infra/connector', () => {
  it.each(Object.entries(connectorFiles))('%s is fresh (npm run connector)', (name, content) => {
    const text = readFileSync(new URL(`../../infra/connector/${name}`, import.meta.url), 'utf8');
    const found = name.endsWith('.json') ? parseExactJson(text) : text;
    const made = typeof content === 'string' ? content : parseExactJson(JSON.stringify(content));
    expect(found).toEqual(made);
  });

  it('has the headings that Microsoft asks for', () => {
    const headings = [...String(connectorFiles['readme.md']).matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual([
      'Publisher',
      'Prerequisites',
      'Supported Operations',
      'Obtaining Credentials',
      'Known Issues and Limitations',
      'Deployment Instructions',
    ]);
  });

  it.each(['apiProperties.json', 'apiProperties.entra.json'])('%s has a colour of its own', (name) => {
    expect(JSON.stringify(connectorFiles[name])).toMatch(/"iconBrandColor":"#(?!007ee5|ffffff)[\da-f]{6}"/);
  });
});
