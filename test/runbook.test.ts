import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failureCodes } from '../shared/errors.ts';
import { problemTypes } from '../shared/http/problem-types.ts';
import { logEvents } from '../shared/log.ts';
import { parseAlertRules } from './infra/alerts.ts';

const root = resolve(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const [, runbook = ''] = /^## Runbook$([^]*?)^## /m.exec(read('docs/operating.md')) ?? [];
const rows = [...runbook.matchAll(/^\| (.*?) +\| (.*?) +\|/gm)].map(([, symptom = '', cause = '']) => ({
  symptom,
  cause,
}));
const tableRows = rows.slice(2);

/** By the cause of each row: the test that injects its fault, and the words there that do. */
const tried: Readonly<Record<string, readonly [file: string, fault: string]>> = {
  'The refresh token is dead': ['e2e/faults-entra', 'refresh-token-expired'],
  'The sign-in behind the token was without MFA': ['e2e/faults-entra', 'mfa-required'],
  'A policy, a disabled account or a withdrawn consent': ['partner-center/token-errors', "'access-policy'"],
  'Client secret or certificate is wrong or expired': ['e2e/faults-entra', 'client-secret-expired'],
  'The consenting user may not read usage': ['e2e/faults-partner-center', "kind: '403'"],
  'No new refresh token was stored for 60 days': ['e2e/alerts', 'scene.ageToken(60.1)'],
  'Partner Center asks to wait': ['e2e/faults-partner-center', "kind: '429'"],
  'Partner Center or Entra are down or too slow': ['e2e/outage', "'partner-center', '503'"],
  'Key Vault down, firewall or role': ['e2e/faults-key-vault', "'403'"],
  'Blob storage down, firewall or role': ['e2e/faults-storage', "kind: '403'"],
  'The list lost more than half of its records, or all costs': ['e2e/faults-partner-center', "kind: 'half-gone'"],
  'Not JSON, or not a list of records': ['e2e/faults-partner-center', "kind: 'truncated'"],
  'Some records are not of the documented schema': ['e2e/odd-records', "percentUsed: 'null'"],
  'Bad or missing settings': ['e2e/misconfigured', 'KEY_VAULT_URL: undefined'],
  'No list yet': ['functions/health', 'fails with 503 on an empty cache'],
  'Cold start: a new instance loads code, pointer and snapshot': ['e2e/faults-storage', 'startCold(walk)'],
  'The timer does not run': ['e2e/alerts', "'the timer does not run'"],
  'Partner Center computes once a day, per record': ['e2e/faults-entra', "['refresh.unchanged']"],
  'A defect': ['http/handler', "event: 'request.failed'"],
};

describe('the runbook', () => {
  it('has a test that injects the fault of each row', () => {
    expect(tableRows.map(({ cause }) => cause)).toEqual(Object.keys(tried));
  });

  it.each(Object.entries(tried))('%s: the fault is in its test', (_cause, [file, fault]) => {
    expect(read(`test/${file}.test.ts`)).toContain(fault);
  });

  it.each(tableRows)('$symptom: names what the log or an answer shows', ({ symptom }) => {
    const known = [...Object.keys(logEvents), ...Object.keys(problemTypes), ...failureCodes, 'token-old'];
    const named = [...symptom.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
    expect(named.filter((name) => known.includes(name))).not.toEqual([]);
  });

  it('has a row for every alert', () => {
    const symptoms = tableRows.map(({ symptom }) => symptom).join('\n');
    const names = parseAlertRules(read('infra/alerts.json')).map(({ name }) => name);
    expect(names.filter((name) => !symptoms.includes(name))).toEqual([]);
  });
});
