import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createLog, logEvents } from '../../shared/log.ts';
import type { LogEvent, LogFields } from '../../shared/log.ts';
import { alertFindings, isFiring, parseAlertRules } from './checks/alerts.ts';
import { parseKql } from './checks/kql.ts';
import type { LogRow } from './checks/kql.ts';

const rules = parseAlertRules(readFileSync(new URL('../../infra/alerts.json', import.meta.url), 'utf8'));
const now = Date.parse('2026-11-20T12:00:00Z');
const minute = 60_000;

/** Traces as Application Insights keeps them, each a line that the app's own log wrote so many minutes ago. */
function traces(...logged: readonly (readonly [minutesAgo: number, event: LogEvent, fields?: LogFields])[]): LogRow[] {
  return logged.flatMap(([minutesAgo, event, fields]) => {
    const lines: string[] = [];
    const write = (line: string) => lines.push(line);
    createLog({ debug: () => {}, info: write, warn: write, error: write }, { invocationId: 'i' })(event, fields);
    return lines.map((message) => ({ message, timestamp: now - minutesAgo * minute }));
  });
}

function requests(...codes: readonly string[]): LogRow[] {
  return codes.map((resultCode) => ({ resultCode, timestamp: now - minute }));
}

/** An app whose refreshes go well, and a line of the host that is no JSON. */
const healthy = [
  ...traces(
    [10, 'refresh.published', { refreshTokenAgeDays: 1 }],
    [70, 'refresh.unchanged', { refreshTokenAgeDays: 0 }],
  ),
  { message: 'Host started (512ms)', timestamp: now - minute },
];

describe('infra/alerts.json', () => {
  it('is silent while all goes well', () => {
    expect(firing(healthy, requests('200', '304', '404', '429'))).toEqual([]);
  });

  it.each<[what: string, rows: LogRow[], fires: string[]]>([
    [
      'no refresh has succeeded for three hours',
      traces([181, 'refresh.published'], [5, 'refresh.skipped']),
      ['refresh-missed'],
    ],
    ['the last refresh was two hours ago', traces([120, 'refresh.unchanged']), []],
    ['nothing is logged at all', [], ['refresh-missed']],
    [
      'two refreshes failed',
      [
        ...healthy,
        ...traces(
          [20, 'refresh.failed', { code: 'UpstreamThrottled' }],
          [9, 'refresh.failed', { code: 'UpstreamThrottled' }],
        ),
      ],
      [],
    ],
    [
      'three refreshes failed within an hour',
      [
        ...healthy,
        ...traces(
          [50, 'refresh.failed', { code: 'UpstreamUnavailable' }],
          [40, 'refresh.failed', { code: 'StorageUnavailable' }],
          [9, 'refresh.failed', { code: 'UpstreamInvalid' }],
        ),
      ],
      ['refresh-failing'],
    ],
    [
      'three refreshes failed within four hours',
      [...healthy, ...traces([200, 'refresh.failed'], [100, 'refresh.failed'], [9, 'refresh.failed'])],
      [],
    ],
    [
      'a day was not kept',
      [...healthy, ...traces([3, 'history.day-not-kept', { date: '2026-11-18', days: 1 }])],
      ['history-gap'],
    ],
    [
      'a kept list is damaged',
      [...healthy, ...traces([3, 'history.unreadable', { reason: 'corrupt' }])],
      ['history-gap'],
    ],
    ['a month was closed', [...healthy, ...traces([3, 'history.period-closed', { period: '2026-10' }])], []],
    [
      'the consent is lost',
      [...healthy, ...traces([3, 'refresh.failed', { code: 'UpstreamAuthRequired', entraCode: 900421 }])],
      ['consent-lost'],
    ],
    [
      'an answer was not believed',
      [...healthy, ...traces([30, 'refresh.quarantined', { code: 'UpstreamImplausible' }])],
      ['refresh-quarantined'],
    ],
    ['the token is 59 days old', traces([10, 'refresh.published', { refreshTokenAgeDays: 59 }]), []],
    ['the token is 60 days old', traces([10, 'refresh.published', { refreshTokenAgeDays: 60 }]), ['token-age-60']],
    ['the token is 75 days old', traces([10, 'refresh.unchanged', { refreshTokenAgeDays: 75 }]), ['token-age-75']],
    ['the token is 85 days old', traces([10, 'refresh.unchanged', { refreshTokenAgeDays: 85.5 }]), ['token-age-85']],
    ['the age of the token is not known', traces([10, 'refresh.unchanged', { refreshTokenAgeDays: null }]), []],
    ['the token could not be stored once', [...healthy, ...traces([10, 'token.store-failed'])], []],
    [
      'the token could not be stored twice',
      [...healthy, ...traces([70, 'token.store-failed'], [10, 'token.store-failed'])],
      ['token-store-failed'],
    ],
    ['a reader got stale data', [...healthy, ...traces([10, 'read.degraded', { state: 'stale' }])], []],
    [
      'a reader got degraded data',
      [...healthy, ...traces([10, 'read.degraded', { state: 'degraded', reason: 'UpstreamUnavailable' }])],
      ['data-degraded'],
    ],
    ['one read could not be answered', [...healthy, ...traces([10, 'read.unavailable', { code: 'CacheEmpty' }])], []],
    [
      'reads cannot be answered',
      [...healthy, ...traces([10, 'read.unavailable'], [9, 'read.unavailable'], [8, 'read.unavailable'])],
      ['reads-unavailable'],
    ],
    [
      'a setting is wrong',
      [...healthy, ...traces([10, 'config.invalid', { count: 1, settings: 'KEY_VAULT_URL: an https URL' }])],
      ['misconfigured'],
    ],
    [
      'strangers are refused',
      [...healthy, ...traces([10, 'caller.refused'], [9, 'caller.refused'], [8, 'caller.refused'])],
      [],
    ],
  ])('when %s', (_what, rows, fires) => {
    expect(firing(rows, [])).toEqual(fires);
  });

  it('fires from the fifth server error within 15 minutes', () => {
    expect(firing(healthy, requests('500', '503', '503', '500'))).toEqual([]);
    expect(firing(healthy, requests('500', '503', '503', '500', '502'))).toEqual(['server-errors']);
  });

  it('counts a sampled request as often as it stands for', () => {
    const sampled = requests('500', '503').map((row) => ({ ...row, itemCount: 3 }));
    expect(firing(healthy, sampled)).toEqual(['server-errors']);
    expect(firing(healthy, requests('500', '503'))).toEqual([]);
  });

  it('fires when the workspace has used up its day', () => {
    const operations = [
      { Detail: 'Data collection is active. Ingestion status = RespectQuota', timestamp: now - 5 * minute },
      { Detail: 'Data collection stopped. Ingestion status = OverQuota', timestamp: now - 9 * minute },
    ];
    expect(firing(healthy, [], operations.slice(0, 1))).toEqual([]);
    expect(firing(healthy, [], operations)).toEqual(['log-quota']);
  });

  it.each<[name: string, frequency: number, event: LogEvent]>([
    ['consent-lost', 15, 'refresh.failed'],
    ['refresh-quarantined', 60, 'refresh.quarantined'],
    ['misconfigured', 15, 'config.invalid'],
  ])('%s fires at one look for one event, however late its row is ingested', (name, frequency, event) => {
    const logged = traces([0, event, { code: 'UpstreamAuthRequired' }]);
    const looks = Array.from({ length: 12 }, (_, look) => now + (7 + look * frequency) * minute);
    for (const delay of [0, 1, 8, 14, 29, 40]) {
      const rows = logged.map((row) => ({ ...row, ingested: now + delay * minute }));
      const seen = looks.map((look) => [look, rows.filter(({ ingested }) => ingested <= look)] as const);
      const fired = rules
        .filter((rule) => rule.name === name)
        .map((rule) => seen.filter(([at, known]) => isFiring(rule, known, at)).length);
      expect({ delay, fired }).toEqual({ delay, fired: [1] });
    }
  });

  it('has a case here that makes each rule fire', async () => {
    const here = readFileSync(new URL(import.meta.url), 'utf8');
    expect(rules.filter(({ name }) => !here.includes(`['${name}']`))).toEqual([]);
  });

  it('names the rule in an answer to everything that cannot be a rule', () => {
    const [rule] = rules;
    const text = (...changed: object[]) => JSON.stringify(changed.map((change) => ({ ...rule, ...change })));
    expect(messages(text({}))).toEqual([]);
    expect(messages(text({ severity: 5 }))).toEqual([expect.stringContaining('0.severity')]);
    expect(messages(text({}, {}))).toEqual(['refresh-missed is named twice']);
    expect(messages(text({ query: 'traces | take 1' }))).toEqual(['refresh-missed: cannot read: take 1']);
  });
});

function firing(logged: readonly LogRow[], answered: readonly LogRow[], told: readonly LogRow[] = []): string[] {
  const tables = { traces: logged, requests: answered, Operation: told };
  return rules.filter((rule) => isFiring(rule, tables[parseKql(rule.query).table], now)).map(({ name }) => name);
}

function messages(json: string): string[] {
  return alertFindings(json, Object.keys(logEvents), []).map(({ message }) => message);
}
