import { chmod, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createAzureAdapters } from '../../functions/adapters.ts';
import { composeApp } from '../../functions/composition.ts';
import { parseSettings } from '../../shared/settings.ts';
import { startTestCloud } from '../local/test-cloud.ts';
import { invoke, runTimer } from '../support/functions/invocation.ts';
import { findHandlers } from '../support/functions/registered-functions.ts';

const list = '/api/customers/usagerecords';
const documented = '"totalCost":120.5682999999995904716';

const cloud = await startTestCloud({ customers: 6 });
process.env['IDENTITY_ENDPOINT'] = cloud.setting('IDENTITY_ENDPOINT');
process.env['IDENTITY_HEADER'] = cloud.setting('IDENTITY_HEADER');

beforeEach(async () => {
  // A refresh within five minutes of the last success is skipped, and here the clock is the machine's.
  await cloud.container.getBlobClient('current.json').deleteIfExists();
});

function compose(changes: Readonly<Record<string, string | undefined>> = {}) {
  const parsed = parseSettings({ ...cloud.settings, ...changes });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const app = composeApp(parsed.settings, createAzureAdapters(parsed.settings));
  return { handlerOf: findHandlers(app), warmUsageCache: app.warmUsageCache };
}

describe('composeApp', () => {
  it('warms the cache by timer and reads from it, each over its real adapters', async () => {
    const { handlerOf, warmUsageCache } = compose({ USAGE_REFRESH_SCHEDULE: '0 */9 * * * *' });
    expect(warmUsageCache.schedule).toBe('0 */9 * * * *');
    const events = await runTimer(warmUsageCache.handler);
    expect(events).toContainEqual(
      expect.objectContaining({ event: 'refresh.published', recordCount: 6, trigger: 'timer' }),
    );
    const answer = await invoke(handlerOf('usage-records'), `${list}?maxpagesize=3`);
    expect(answer).toMatchObject({
      status: 200,
      json: { totalCount: 6, snapshot: { state: 'fresh', recordCount: 6 } },
    });
    expect(answer.body).toContain(documented);
    const customerId = '11111111-6fb9-4b05-8f15-b3d72e0596e6';
    const one = await invoke(handlerOf('customer-usage-records'), `${list}/${customerId}`, { params: { customerId } });
    expect(one.body).toContain(documented);
    expect(await invoke(handlerOf('budget-events'), '/api/budget-events')).toMatchObject({ status: 202 });
    expect(await invoke(handlerOf('health-live'), '/api/health/live')).toMatchObject({ status: 200 });
    expect(await invoke(handlerOf('health-ready'), '/api/health/ready')).toMatchObject({
      status: 200,
      json: { status: 'pass' },
    });
  });

  it('fills an empty cache for its first reader, with a certificate and the system-assigned identity as well', async () => {
    const { handlerOf } = compose({
      PARTNER_CENTER_CLIENT_CERTIFICATE_NAME: 'partner-center-client-certificate',
      AZURE_CLIENT_ID: undefined,
    });
    const before = await cloud.control();
    const answers = await Promise.all([1, 2, 3].map((top) => invoke(handlerOf('usage-records'), `${list}?top=${top}`)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const after = await cloud.control();
    expect(Number(after.calls['usagerecords']) - Number(before.calls['usagerecords'])).toBe(1);
  });

  it.each([
    ['KEY_VAULT_URL', 'partner-center-client-secret'],
    ['REFRESH_TOKEN_VAULT_URL', 'partner-center-refresh-token'],
  ])('asks only the vault at %s for %s', async (vault, secretName) => {
    const alive = cloud.setting('KEY_VAULT_URL');
    const { warmUsageCache } = compose({
      KEY_VAULT_URL: alive,
      REFRESH_TOKEN_VAULT_URL: alive,
      [vault]: 'https://localhost:1',
    });
    const events = await runTimer(warmUsageCache.handler);
    expect(events).toContainEqual(
      expect.objectContaining({ event: 'refresh.failed', code: 'SecretsUnavailable', secretName }),
    );
  });

  it('shares a failure by the pointer, and a reader without a snapshot is told of it', async () => {
    const { handlerOf, warmUsageCache } = compose();
    await cloud.fault('entra', 'refresh-token-expired', 5);
    const events = await runTimer(warmUsageCache.handler);
    await cloud.control({ faults: [] });
    expect(events.map(({ event }) => event)).toContain('refresh.failed');
    expect(await invoke(compose().handlerOf('usage-records'), list)).toMatchObject({
      status: 503,
      json: { code: 'CacheEmpty', reason: 'UpstreamAuthRequired' },
    });
    expect(await invoke(handlerOf('health-ready'), '/api/health/ready')).toMatchObject({
      status: 503,
      json: { lastFailure: { code: 'UpstreamAuthRequired', notBefore: null } },
    });
  });

  it('signs in as the developer when it is told to, and as nobody else', async () => {
    await runTimer(compose().warmUsageCache.handler);
    const path = process.env['PATH'];
    process.env['PATH'] = `${await folderOfAz()}${delimiter}${path}`;
    const before = await cloud.control();
    try {
      const answer = await invoke(compose({ USAGE_CREDENTIAL: 'developer' }).handlerOf('usage-records'), list);
      expect(answer.status).toBe(200);
    } finally {
      process.env['PATH'] = path;
    }
    const after = await cloud.control();
    expect(after.calls['managedIdentityToken']).toBe(before.calls['managedIdentityToken']);
  });
});

/** A folder with an `az` that gives out a storage token, as one after `az login` does. */
async function folderOfAz(): Promise<string> {
  const identity = `${cloud.setting('IDENTITY_ENDPOINT')}?resource=https://storage.azure.com&api-version=2019-08-01`;
  const reply = await fetch(identity, { headers: { 'x-identity-header': cloud.setting('IDENTITY_HEADER') } });
  const token = z.looseObject({ access_token: z.string(), expires_on: z.string() }).parse(await reply.json());
  const answer = { accessToken: token.access_token, expires_on: Number(token.expires_on), tokenType: 'Bearer' };
  const folder = join(cloud.setting('NODE_EXTRA_CA_CERTS'), '..');
  await writeFile(join(folder, 'az'), `#!/bin/sh\necho '${JSON.stringify(answer)}'\n`);
  await chmod(join(folder, 'az'), 0o700);
  return folder;
}
