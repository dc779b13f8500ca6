import { afterAll, beforeEach } from 'vitest';
import { createPartnerCenterUsage } from '../../../shared/partner-center/usage-records.ts';
import type { PartnerCenterUsageDeps } from '../../../shared/partner-center/usage-records.ts';
import { createPartnerCenterAgent } from '../../../shared/partner-center/http.ts';
import type { UsageDownload } from '../../../shared/ports.ts';
import { createTestCall } from '../call.ts';
import { startScriptedServer } from './scripted-server.ts';
import type { ScriptedAnswer } from './scripted-server.ts';
import { createTestClock } from '../test-clock.ts';

/** A record as Partner Center writes it; `members` is JSON text that goes before the closing brace. */
export function recordJson(id: string, members = ''): string {
  return (
    `{"budget":{"amount":20},"percentUsed":602.84,"isUpgraded":true,"resourceId":"${id}","resourceName":"Customer ${id}",` +
    `"totalCost":120.5682999999995904716,"currencyCode":"SEK","usdTotalCost":12.39999999999999985235,` +
    `"lastModifiedDate":"2026-11-19T17:08:11.1433333+00:00"${members}}`
  );
}

/** A page of these records; `members` is JSON text that goes before the closing brace. */
export function pageJson(records: readonly string[], members = ''): string {
  return `{"totalCount":${records.length},"items":[${records.join(',')}]${members}}`;
}

/** An answer with one page of these records. */
export function page(records: readonly string[], members = ''): ScriptedAnswer {
  return { headers: { 'content-type': 'application/json; charset=utf-8' }, body: pageJson(records, members) };
}

/** An error body of Partner Center. */
export function apiError(
  status: number,
  code: unknown,
  description = 'Tenant contoso.example is not allowed.',
): ScriptedAnswer {
  return { status, json: { code, description, data: [], source: 'PartnerApi' } };
}

/** The lines of a download, as text. */
export function readLines({ snapshot }: UsageDownload): string[] {
  return snapshot.lines
    .toString()
    .split('\n')
    .filter((line) => line !== '');
}

/**
 * Partner Center on a free port for the tests of this file, with an empty script before each, and the client over it with access
 * tokens `access-1`, `access-2`, ... after each drop.
 */
export async function startPartnerCenter() {
  const server = await startScriptedServer();
  const dispatcher = createPartnerCenterAgent();

  function createUsage(overrides: Partial<PartnerCenterUsageDeps> = {}) {
    const time = createTestClock();
    const dropped: string[] = [];
    const usage = createPartnerCenterUsage({
      dispatcher,
      apiUrl: server.url,
      tokens: {
        get: async () => `access-${dropped.length + 1}`,
        drop: (token) => {
          dropped.push(token);
        },
      },
      ...time,
      random: () => 0.5,
      attemptTimeoutMs: 5_000,
      yieldToEventLoop: () => Promise.resolve(),
      ...overrides,
    });
    return { usage, time, dropped, ...createTestCall() };
  }

  beforeEach(() => server.reset());
  afterAll(async () => {
    await dispatcher.destroy();
    await server.close();
  });
  return { server, createUsage };
}
