import { describe, expect, it } from 'vitest';
import { composeMisconfigured } from '../../functions/misconfigured.ts';
import { parseSettings } from '../../shared/settings.ts';
import { httpFunctions } from '../../functions/http-functions.ts';
import { invoke, runTimer } from '../support/functions/invocation.ts';
import { findHandlers } from '../support/functions/registered-functions.ts';

const env = {
  KEY_VAULT_URL: 'http://not-secret-enough',
  PARTNER_CENTER_TENANT_ID: 'contoso',
  PARTNER_CENTER_CLIENT_ID: '0a4f8bb5-1d2e-4f6a-8b7c-9d0e1f2a3b4c',
};
const problems = [
  { setting: 'KEY_VAULT_URL', expected: 'an https URL, such as https://contoso.vault.azure.net' },
  { setting: 'USAGE_STORAGE_URL', expected: 'an https URL, such as https://contoso.blob.core.windows.net' },
  { setting: 'PARTNER_CENTER_TENANT_ID', expected: 'a GUID' },
];

function misconfigured() {
  const parsed = parseSettings(env);
  const app = composeMisconfigured(parsed.ok ? [] : parsed.problems, 'key');
  return { ...app, handlerOf: findHandlers(app) };
}

describe('a misconfigured app', () => {
  it('answers 503 Misconfigured on every route, and lists every bad setting on ready alone', async () => {
    const { handlerOf } = misconfigured();
    for (const { name } of httpFunctions) {
      const answer = await invoke(handlerOf(name), '/api/whatever?colour=red');
      expect(answer).toMatchObject({
        status: 503,
        headers: { 'content-type': 'application/json; charset=utf-8', 'x-ms-error-code': 'Misconfigured' },
        json: { code: 'Misconfigured', instance: answer.invocationId },
      });
      expect(Object(answer.json).settings).toEqual(name === 'health-ready' ? problems : undefined);
      for (const value of Object.values(env).slice(0, 2)) expect(JSON.stringify(answer)).not.toContain(`"${value}"`);
    }
  });

  it('says so in one log line, whoever runs first', async () => {
    const { handlerOf, warmUsageCache } = misconfigured();
    const [first, second] = [await runTimer(warmUsageCache.handler), await runTimer(warmUsageCache.handler)];
    expect(first).toEqual([
      {
        level: 'error',
        event: 'config.invalid',
        requestId: expect.any(String),
        count: 3,
        settings: problems.map(({ setting, expected }) => `${setting}: ${expected}`).join('; '),
      },
    ]);
    expect(second).toEqual([]);
    const { events } = await invoke(handlerOf('usage-records'), '/api/customers/usagerecords');
    expect(events).toEqual([]);
    const answer = await invoke(misconfigured().handlerOf('usage-records'), '/api/customers/usagerecords');
    expect(answer.events.map(({ event }) => event)).toEqual(['config.invalid']);
  });

  it('still runs its timer on the schedule that is the default', () => {
    expect(misconfigured().warmUsageCache.schedule).toBe('0 */5 * * * *');
  });
});
