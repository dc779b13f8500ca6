import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { empty, expired, isCaller, keyed, read, site, startServer } from './deployed-app.ts';
import type { Routes } from './deployed-app.ts';

const script = fileURLToPath(new URL('../../infra/hooks/smoke-test.sh', import.meta.url));

describe('infra/hooks/smoke-test.sh', () => {
  let folder = '';
  let server: Server | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'smoke-'));
    const azd = [
      '#!/bin/sh',
      '[ "$1 $2 $3" = "auth token --scope" ] || exit 2',
      'case $4 in',
      '  http*) token=arm-token ;;',
      '  api://app/.default) token=app-token ;;',
      '  *) exit 1 ;;',
      'esac',
      'printf \'{\\n  "token": "%s",\\n  "expiresOn": "2026-11-20T12:00:00Z"\\n}\\n\' "$token"',
    ];
    await writeFile(join(folder, 'azd'), azd.join('\n'));
    await chmod(join(folder, 'azd'), 0o755);
  });
  afterAll(() => rm(folder, { recursive: true }));
  afterEach(() => server?.close());

  it('passes when strangers are refused and callers are answered', async () => {
    expect(await smoke(keyed)).toEqual({
      code: 0,
      lines: ['ok    live answers', 'ok    a stranger gets 401', 'ok    ready answers: pass', 'ok    a read answers'],
    });
  });

  it.each<[what: string, routes: Routes, env: Record<string, string>, line: string]>([
    [
      'there must be fresh data and it has expired',
      expired,
      { SMOKE_TEST_DATA: 'required' },
      'FAIL  a read: its usage data has expired (UpstreamAuthRequired)',
    ],
    [
      'there must be data and is none',
      empty,
      { SMOKE_TEST_DATA: 'required' },
      'FAIL  a read: there is no usage data yet (SecretsUnavailable)',
    ],
    [
      'a stranger may read',
      { ...keyed, [read]: () => [200, { value: [] }] },
      {},
      'FAIL  a read without a key or token: got 200, expected 401',
    ],
    [
      'a stranger sees ready',
      { ...keyed, '/api/health/ready': () => [200, { status: 'pass' }] },
      {},
      'FAIL  ready without a key or token: got 200, expected 401',
    ],
    [
      'a forged principal may read',
      {
        ...keyed,
        [read]: (request) =>
          isCaller(request) || request.headers['x-ms-client-principal'] !== undefined ? [200, { value: [] }] : [401],
      },
      {},
      'FAIL  a read with a forged principal: got 200, expected 401',
    ],
    ...['/api/health/live/../../customers/usagerecords', '/api/health/live/%2e%2e/%2e%2e/customers/usagerecords'].map(
      (path): [string, Routes, Record<string, string>, string] => [
        `dots in a path lead around the sign-in: ${path}`,
        { ...keyed, [path]: () => [200, { value: [] }] },
        {},
        'FAIL  a read around the sign-in: got 200, expected 401',
      ],
    ),
    ['the app does not start', {}, {}, 'FAIL  live: got 404, expected 200 (URL/api/health/live)'],
    [
      'ready says nothing',
      { ...keyed, '/api/health/ready': (request) => [isCaller(request) ? 503 : 401, {}] },
      {},
      'FAIL  ready: status 503 without a verdict',
    ],
    [
      'the read fails',
      { ...keyed, [read]: (request) => (isCaller(request) ? [500, { code: 'InternalError' }] : [401]) },
      {},
      'FAIL  a read: got 500 InternalError, expected 200 503 (URL/api/customers/usagerecords)',
    ],
    [
      'there is no key',
      { ...keyed, [`POST ${site}/host/default/listkeys?api-version=2024-11-01`]: () => [200, { functionKeys: {} }] },
      {},
      'FAIL  the app has no default function key',
    ],
    [
      'the keys may not be read',
      { ...keyed, [`POST ${site}/host/default/listkeys?api-version=2024-11-01`]: () => [403] },
      {},
      'FAIL  the function keys cannot be read',
    ],
  ])('fails when %s', async (_what, routes, env, line) => {
    const { code, lines } = await smoke(routes, env);
    expect({ code, last: lines.at(-1) }).toEqual({ code: 1, last: line });
  });

  it('waits for a role that is not yet in effect', async () => {
    let calls = 0;
    const late: Routes = {
      ...keyed,
      [read]: (request) => {
        if (!isCaller(request)) return [401];
        return ++calls < 3 ? [503, { code: 'StorageUnavailable' }] : [200, { value: [] }];
      },
    };
    const { code, lines } = await smoke(late, { SMOKE_TEST_SECONDS: '60' });
    expect({ code, calls, last: lines.at(-1) }).toEqual({ code: 0, calls: 3, last: 'ok    a read answers' });
  });

  it('fails when a setting is wrong and a stranger hears of it', async () => {
    const misconfigured: Routes = { ...keyed, '/api/health/live': () => [503, { code: 'Misconfigured' }] };
    const open = await smoke({ ...misconfigured, [read]: () => [503, { code: 'Misconfigured' }] });
    expect(open.lines.at(-1)).toMatch(/^FAIL {2}a read without a key or token: got 503 Misconfigured, expected 401/);
    const bodiless = await smoke({ ...misconfigured, [read]: () => [500] });
    expect(bodiless.lines.at(-1)).toMatch(/^FAIL {2}a read without a key or token: got 500, expected 401/);
  });

  it('waits for an app that is still starting', async () => {
    let calls = 0;
    const { code, lines } = await smoke(
      { ...keyed, '/api/health/live': () => (++calls < 3 ? [503] : [200]) },
      { SMOKE_TEST_SECONDS: '60' },
    );
    expect({ code, calls, first: lines[0] }).toEqual({ code: 0, calls: 3, first: 'ok    live answers' });
  });

  describe('with Entra sign-in', () => {
    const entra = { CALLER_AUTH: 'entra', ENTRA_CLIENT_ID: 'app' };

    it('calls with a token of whoever deploys', async () => {
      const { code, lines } = await smoke(keyed, entra);
      expect({ code, last: lines.at(-1) }).toEqual({ code: 0, last: 'ok    a read answers' });
    });

    it('skips what needs a caller when there is no token', async () => {
      const { code, lines } = await smoke(keyed, { ...entra, ENTRA_CLIENT_ID: 'other' });
      expect({ code, last: lines.at(-1) }).toEqual({
        code: 0,
        last: 'SKIPPED ready and read: whoever deploys gets no token for the API',
      });
    });

    it('fails on a bad setting even when there is no token', async () => {
      const routes: Routes = { ...keyed, '/api/health/live': () => [503, { code: 'Misconfigured' }] };
      const { code, lines } = await smoke(routes, { ...entra, ENTRA_CLIENT_ID: 'other' });
      expect({ code, last: lines.at(-1) }).toEqual({
        code: 1,
        last: 'FAIL  a setting is missing or wrong: GET /api/health/ready names it',
      });
    });

    it('skips what needs a caller when the role is missing', async () => {
      const routes: Routes = { ...keyed, '/api/health/ready': (request) => [isCaller(request) ? 403 : 401] };
      const { code, lines } = await smoke(routes, entra);
      expect({ code, last: lines.at(-1) }).toEqual({
        code: 0,
        last: 'SKIPPED ready and read: whoever deploys lacks the role Usage.Read',
      });
    });
  });

  async function smoke(routes: Routes, env: Record<string, string> = {}): Promise<{ code: number; lines: string[] }> {
    const { server: started, url } = await startServer(routes);
    server = started;
    const given = {
      PATH: `${folder}:${process.env['PATH']}`,
      SERVICE_API_URL: `${url}/`,
      AZURE_RESOURCE_MANAGER_URL: url,
      AZURE_SUBSCRIPTION_ID: 'sub',
      AZURE_RESOURCE_GROUP: 'rg',
      AZURE_FUNCTION_NAME: 'func',
      SMOKE_TEST_SECONDS: '0',
      SMOKE_TEST_PAUSE_SECONDS: '0',
    };
    return new Promise((resolve) => {
      execFile('sh', [script], { env: { ...given, ...env } }, (error, stdout, stderr) => {
        const lines = `${stdout}${stderr}`.replaceAll(url, 'URL').trim().split('\n');
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, lines });
      });
    });
  }
});
