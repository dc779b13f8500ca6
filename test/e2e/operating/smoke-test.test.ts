import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { site, startServer } from '../../infra/deployed-app.ts';
import { refreshTokenName } from '../faults/fault-walk.ts';
import { startStage } from '../stage/stage.ts';
import type { App, Stage } from '../stage/stage.ts';

const script = resolve(import.meta.dirname, '../../../infra/hooks/smoke-test.sh');

describe('infra/hooks/smoke-test.sh and the real app', () => {
  let azure: Awaited<ReturnType<typeof startServer>>;
  let folder: string;
  let stage: Stage;
  let app: App;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'smoke-'));
    await writeFile(join(folder, 'azd'), '#!/bin/sh\necho \'{ "token": "arm-token" }\'\n');
    await chmod(join(folder, 'azd'), 0o755);
    // Azure's own API: the one answer that the script asks it for.
    azure = await startServer({
      [`POST ${site}/host/default/listkeys?api-version=2024-11-01`]: () => [
        200,
        { functionKeys: { default: 'test-function-key' } },
      ],
    });
    stage = await startStage();
    await stage.fault('entra', 'refresh-token-expired');
    app = await stage.startApp();
    await app.tick();
  });
  afterAll(async () => {
    azure.server.close();
    await stage.end();
    await rm(folder, { recursive: true });
  });

  it('passes before the first consent, after it, and when the data has expired', async () => {
    expect(await smoke(app)).toMatchObject({
      code: 0,
      read: 'ok    a read answers that there is no usage data yet (UpstreamAuthRequired)',
      last: 'Next: give the consent (npm run consent); the first refresh follows within five minutes.',
    });
    await stage.clearFaults();
    await stage.storeSecret(refreshTokenName, (await stage.secret(refreshTokenName)).value);
    await stage.advanceHours(1);
    await app.tick();
    expect(await smoke(app)).toMatchObject({ code: 0, read: 'ok    a read answers' });
    await stage.fault('entra', 'refresh-token-expired');
    for (let day = 0; day < 8; day += 1) {
      await stage.advanceHours(24);
      await app.tick();
    }
    expect(await smoke(app)).toMatchObject({
      code: 0,
      read: 'ok    a read answers that its usage data has expired (UpstreamAuthRequired)',
      last: 'Next: end that failure (docs/operating.md, Runbook).',
    });
  });

  it('fails a deployment with a bad setting, and names it', async () => {
    const { code, last } = await smoke(await stage.startApp({ KEY_VAULT_URL: ' ' }));
    expect(code).toBe(1);
    expect(last).toMatch(/^FAIL {2}a setting is missing or wrong: .*"setting":"KEY_VAULT_URL"/);
  });

  it('fails a deployment that cannot reach its storage', async () => {
    await stage.fault('storage', '403');
    const { code, last } = await smoke(await stage.startApp());
    expect(code).toBe(1);
    expect(last).toMatch(/^FAIL {2}ready: got 503 StorageUnavailable, expected 200 503/);
  });

  async function smoke({ base }: App): Promise<{ code: number; read: string | undefined; last: string | undefined }> {
    const env = {
      PATH: `${folder}:${process.env['PATH']}`,
      SERVICE_API_URL: base,
      AZURE_RESOURCE_MANAGER_URL: azure.url,
      AZURE_SUBSCRIPTION_ID: 'sub',
      AZURE_RESOURCE_GROUP: 'rg',
      AZURE_FUNCTION_NAME: 'func',
      SMOKE_TEST_SECONDS: '0',
      SMOKE_TEST_PAUSE_SECONDS: '0',
    };
    return new Promise((done) => {
      execFile('sh', [script], { env }, (error, stdout, stderr) => {
        const lines = `${stdout}${stderr}`.trim().split('\n');
        const read = lines.find((line) => line.startsWith('ok    a read'));
        done({ code: typeof error?.code === 'number' ? error.code : 0, read, last: lines.at(-1) });
      });
    });
  }
});
