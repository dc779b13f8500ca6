import { describe, expect, it } from 'vitest';
import { parseSettings } from '../shared/settings.ts';

const complete = {
  KEY_VAULT_URL: 'https://contoso.vault.azure.net/',
  USAGE_STORAGE_URL: 'https://contoso.blob.core.windows.net',
  PARTNER_CENTER_TENANT_ID: '5b3cb9a4-8e4c-4ef4-9e6c-3b1c8f0e7a11',
  PARTNER_CENTER_CLIENT_ID: '0a4f8bb5-1d2e-4f6a-8b7c-9d0e1f2a3b4c',
};

function problemsOf(env: Record<string, string | undefined>) {
  const parsed = parseSettings(env);
  return parsed.ok ? [] : parsed.problems;
}

describe('parseSettings', () => {
  it('reads the four settings that have no default, and gives the others theirs', () => {
    expect(parseSettings(complete)).toEqual({
      ok: true,
      settings: {
        KEY_VAULT_URL: 'https://contoso.vault.azure.net',
        USAGE_OVER_PERCENT: 100,
        USAGE_WARNING_PERCENT: 80,
        USAGE_STORAGE_URL: 'https://contoso.blob.core.windows.net',
        USAGE_CONTAINER: 'usage',
        PARTNER_CENTER_TENANT_ID: '5b3cb9a4-8e4c-4ef4-9e6c-3b1c8f0e7a11',
        PARTNER_CENTER_CLIENT_ID: '0a4f8bb5-1d2e-4f6a-8b7c-9d0e1f2a3b4c',
        PARTNER_CENTER_CLOUD: 'global',
        PARTNER_CENTER_TIMEOUT_SECONDS: 120,
        PARTNER_CENTER_REFRESH_TOKEN_SECRET_NAME: 'partner-center-refresh-token',
        PARTNER_CENTER_CLIENT_SECRET_NAME: 'partner-center-client-secret',
        USAGE_CREDENTIAL: 'managed-identity',
        USAGE_REFRESH_SCHEDULE: '0 */5 * * * *',
        USAGE_REFRESH_INTERVAL_MINUTES: 60,
        USAGE_FRESH_MINUTES: 90,
        USAGE_STALE_HOURS: 24,
        USAGE_DEGRADED_DAYS: 7,
        CALLER_AUTH: 'key',
        USAGE_KEPT_ANSWERS_MB: 32,
        USAGE_HISTORY_LISTS: 4,
        USAGE_HISTORY_MB: 32,
        USAGE_DAILY_FIGURES_MB: 16,
        USAGE_MAX_UNCOMPRESSED_MB: 8,
        USAGE_EVENT_THRESHOLDS: [50, 80, 90, 100, 120],
        USAGE_JUMP_BUDGET_PERCENT: 10,
        USAGE_JUMP_USD: 50,
      },
    });
  });

  it('names every missing setting', () => {
    expect(problemsOf({})).toEqual([
      { setting: 'KEY_VAULT_URL', expected: 'an https URL, such as https://contoso.vault.azure.net' },
      { setting: 'USAGE_STORAGE_URL', expected: 'an https URL, such as https://contoso.blob.core.windows.net' },
      { setting: 'PARTNER_CENTER_TENANT_ID', expected: 'a GUID' },
      { setting: 'PARTNER_CENTER_CLIENT_ID', expected: 'a GUID' },
    ]);
  });

  it('counts a blank setting as missing', () => {
    expect(problemsOf({ ...complete, KEY_VAULT_URL: '  ' })).toHaveLength(1);
    expect(parseSettings({ ...complete, USAGE_CONTAINER: '' })).toMatchObject({
      settings: { USAGE_CONTAINER: 'usage' },
    });
  });

  it.each([
    ['KEY_VAULT_URL', 'http://contoso.vault.azure.net'],
    ['KEY_VAULT_URL', 'https://contoso.vault.azure.net?x=1'],
    ['USAGE_CONTAINER', 'No_Container'],
    ['PARTNER_CENTER_TENANT_ID', 'contoso.onmicrosoft.com'],
    ['PARTNER_CENTER_CLOUD', 'china'],
    ['PARTNER_CENTER_TIMEOUT_SECONDS', '0'],
    ['PARTNER_CENTER_TIMEOUT_SECONDS', '1e2'],
    ['PARTNER_CENTER_REFRESH_TOKEN_SECRET_NAME', 'a_b'],
    ['USAGE_REFRESH_SCHEDULE', 'hourly'],
    ['USAGE_REFRESH_SCHEDULE', 'a b c d e f'],
    ['USAGE_REFRESH_SCHEDULE', '0 0 25 * * *'],
    ['USAGE_REFRESH_SCHEDULE', '0 0 0 30 2 *'],
    ['USAGE_REFRESH_INTERVAL_MINUTES', '4'],
    ['USAGE_REFRESH_INTERVAL_MINUTES', 'sixty'],
    ['USAGE_CREDENTIAL', 'chain'],
    ['CALLER_AUTH', 'Entra'],
    ['USAGE_KEPT_ANSWERS_MB', '1025'],
    ['USAGE_HISTORY_LISTS', '0'],
    ['USAGE_HISTORY_MB', '0'],
    ['USAGE_DAILY_FIGURES_MB', '0'],
    ['USAGE_MAX_UNCOMPRESSED_MB', '0'],
    ['USAGE_JUMP_BUDGET_PERCENT', '0'],
    ['USAGE_JUMP_USD', '1.5'],
    ['USAGE_EVENT_THRESHOLDS', '80,50'],
    ['USAGE_EVENT_THRESHOLDS', '80,80'],
    ['USAGE_EVENT_THRESHOLDS', '0,80'],
    ['USAGE_EVENT_THRESHOLDS', '80,1001'],
    ['USAGE_EVENT_THRESHOLDS', '80%'],
    ['USAGE_EVENT_THRESHOLDS', '1,2,3,4,5,6,7,8,9,10,11'],
  ])('refuses %s=%s by name, and never shows the value', (setting, value) => {
    const problems = problemsOf({ ...complete, [setting]: value });
    expect(problems.map((problem) => problem.setting)).toEqual([setting]);
    expect(JSON.stringify(problems)).not.toContain(`"${value}"`);
  });

  it('reads a list of thresholds', () => {
    expect(parseSettings({ ...complete, USAGE_EVENT_THRESHOLDS: '75, 100,1000' })).toMatchObject({
      settings: { USAGE_EVENT_THRESHOLDS: [75, 100, 1000] },
    });
  });

  it('names three bad settings at once', () => {
    const env = { ...complete, KEY_VAULT_URL: 'x', PARTNER_CENTER_CLIENT_ID: 'y', USAGE_FRESH_MINUTES: 'z' };
    expect(problemsOf(env).map(({ setting }) => setting)).toEqual([
      'KEY_VAULT_URL',
      'PARTNER_CENTER_CLIENT_ID',
      'USAGE_FRESH_MINUTES',
    ]);
  });

  it.each(['true', 'True', ' TRUE '])('takes entra when the platform says %j of its authentication', (isOn) => {
    const env = { ...complete, CALLER_AUTH: 'entra', WEBSITE_AUTH_ENABLED: isOn };
    expect(parseSettings(env)).toMatchObject({ ok: true, settings: { CALLER_AUTH: 'entra' } });
  });

  it.each([undefined, '', 'False', '1'])('takes no entra when the platform says %j', (isOn) => {
    const env = { ...complete, CALLER_AUTH: 'entra', WEBSITE_AUTH_ENABLED: isOn };
    expect(parseSettings(env)).toEqual({
      ok: false,
      callerAuth: 'key',
      problems: [
        {
          setting: 'CALLER_AUTH',
          expected:
            'entra only while App Service authentication is on (the platform then says WEBSITE_AUTH_ENABLED=true), else key',
        },
      ],
    });
    expect(problemsOf({ ...env, KEY_VAULT_URL: 'x' }).map(({ setting }) => setting)).toEqual([
      'KEY_VAULT_URL',
      'CALLER_AUTH',
    ]);
    expect(parseSettings({ ...complete, WEBSITE_AUTH_ENABLED: isOn })).toMatchObject({ ok: true });
  });

  it('counts on Entra callers while the platform checks them and another setting is bad', () => {
    const env = { CALLER_AUTH: 'entra', WEBSITE_AUTH_ENABLED: 'true' };
    expect(parseSettings(env)).toMatchObject({ ok: false, callerAuth: 'entra' });
  });

  it.each([undefined, 'key', 'Entra'])(
    'counts on keys while CALLER_AUTH is %j and another setting is bad',
    (callerAuth) => {
      expect(parseSettings({ CALLER_AUTH: callerAuth })).toMatchObject({ ok: false, callerAuth: 'key' });
    },
  );

  it('wants the ages in order', () => {
    const env = { ...complete, USAGE_FRESH_MINUTES: '120', USAGE_STALE_HOURS: '2', USAGE_DEGRADED_DAYS: '1' };
    expect(problemsOf(env)).toEqual([{ setting: 'USAGE_STALE_HOURS', expected: 'more than USAGE_FRESH_MINUTES' }]);
    expect(problemsOf({ ...complete, USAGE_STALE_HOURS: '168', USAGE_DEGRADED_DAYS: '7' })).toEqual([
      { setting: 'USAGE_DEGRADED_DAYS', expected: 'more than USAGE_STALE_HOURS' },
    ]);
  });

  it('wants a refresh before the list is no longer fresh', () => {
    expect(problemsOf({ ...complete, USAGE_REFRESH_INTERVAL_MINUTES: '91' })).toEqual([
      { setting: 'USAGE_REFRESH_INTERVAL_MINUTES', expected: 'at most USAGE_FRESH_MINUTES' },
    ]);
    expect(parseSettings({ ...complete, USAGE_REFRESH_INTERVAL_MINUTES: '90' })).toMatchObject({ ok: true });
  });

  it('wants the limits of the budget status in order', () => {
    expect(problemsOf({ ...complete, USAGE_WARNING_PERCENT: '100' })).toEqual([
      { setting: 'USAGE_OVER_PERCENT', expected: 'more than USAGE_WARNING_PERCENT' },
    ]);
  });
});
