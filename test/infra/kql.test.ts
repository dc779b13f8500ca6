import { describe, expect, it } from 'vitest';
import { parseKql, runKql } from './checks/kql.ts';

const now = Date.parse('2026-11-20T12:00:00Z');
const rows = [
  {
    message: '{"event":"refresh.failed","code":"UpstreamForbidden","status":403}',
    resultCode: '200',
    ingested: now - 899_999,
  },
  { message: '{"event":"refresh.failed","code":"UpstreamAuthRequired"}', resultCode: '503', timestamp: now - 900_000 },
  { message: 'Executed Functions.usage-records (Succeeded)', resultCode: '' },
  { message: '"refresh.failed"', resultCode: '404.5' },
];
const logged = 'traces | extend log = parse_json(message)';

describe('runKql', () => {
  it.each<[query: string, found: number[]]>([
    ['traces', [0, 1, 2, 3]],
    [`${logged} | where tostring(log.event) == 'refresh.failed'`, [0, 1]],
    [`${logged} | where tostring(log.event) != 'refresh.failed'`, [2, 3]],
    [`${logged} | where tostring(log.code) in ('UpstreamForbidden', 'UpstreamThrottled')`, [0]],
    [`${logged} | where tostring(log.event) == 'refresh.failed' and tostring(log.code) == 'UpstreamAuthRequired'`, [1]],
    [`${logged} | where tostring(log.event) == 'refresh.failed' | where todouble(log.status) >= 403`, [0]],
    [`${logged} | where todouble(log.status) < 500`, [0]],
    [`${logged} | where todouble(log.status) > 403`, []],
    [`${logged} | where todouble(log.status) <= 403`, [0]],
    [`${logged} | where tostring(log) == ''`, [0, 1]],
    [`${logged} | where todouble(log.code) >= 0`, []],
    [`${logged} | where tostring(log.event.length) == ''`, [0, 1, 2, 3]],
    ['requests | where toint(resultCode) >= 500 and toint(resultCode) < 600', [1]],
    ['requests | where toint(resultCode) == 404', [3]],
    ['traces | where ingestion_time() > ago(15m)', [0]],
    [`traces | where ingestion_time() > ago(1h) | extend log = parse_json(message)`, [0, 1]],
  ])('%s', (query, found) => {
    expect(runKql(parseKql(query), rows, now)).toEqual(found.map((position) => rows[position]));
  });
});

describe('parseKql', () => {
  it.each([
    'exceptions',
    'traces | take 5',
    'traces | extend log = message',
    'traces | extend log = strlen(message)',
    "traces | where message == 'x'",
    "traces | where strlen(message) == 'x'",
    'traces | where tostring(log.event) == refresh',
    "traces | where tostring(log.event) has 'x'",
    'traces | where ingestion_time() > ago(1d)',
  ])('refuses %s', (query) => {
    expect(() => parseKql(query)).toThrow(/^(cannot read|no such (table|function)): /);
  });
});
