import { createPrivateKey } from 'node:crypto';
import { createServer } from 'node:net';
import { RestError } from '@azure/storage-blob';
import * as oauth from 'oauth4webapi';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startCloud } from '../../local/cloud/cloud.ts';
import { startTestCloud } from './test-cloud.ts';

const day = 24;
const cloud = await startTestCloud();

describe('simulated Key Vault', () => {
  it('hands the seeded refresh token to the managed identity, with its expiry 90 days ahead', async () => {
    const { value, properties } = await cloud.secrets.getSecret('partner-center-refresh-token');
    const { clock } = await cloud.control();

    expect(value).toMatch(/^0\.A/);
    const lifeDays = (Number(properties.expiresOn) - Date.parse(clock.now)) / 86_400_000;
    expect(Math.round(lifeDays)).toBe(90);
  });

  it('keeps a stored secret as a new version with its members, and the old one beside it', async () => {
    const before = await cloud.secrets.setSecret('kept', 'one');
    const expiresOn = new Date('2031-01-02T03:04:05Z');
    await cloud.secrets.setSecret('kept', 'two', { contentType: 'text/plain', expiresOn });
    const newest = await cloud.secrets.getSecret('kept');
    const older = await cloud.secrets.getSecret('kept', { version: z.string().parse(before.properties.version) });
    const versions = [];
    for await (const version of cloud.secrets.listPropertiesOfSecretVersions('kept')) versions.push(version);

    expect([newest.value, newest.properties.contentType, newest.properties.expiresOn]).toEqual([
      'two',
      'text/plain',
      expiresOn,
    ]);
    expect(older.value).toBe('one');
    expect(versions).toHaveLength(2);
    await expect(cloud.secrets.getSecret('nothing')).rejects.toMatchObject({ statusCode: 404, code: 'SecretNotFound' });
  });

  it('asks a bare request for a token by the documented challenge', async () => {
    const response = await fetch(`${cloud.setting('KEY_VAULT_URL')}/secrets/kept/?api-version=7.6`);

    expect(response.status).toBe(401);
    const authority = cloud.tokenUrl.replace('/oauth2/v2.0/token', '');
    const challenge = `Bearer authorization="${authority}", resource="https://vault.azure.net"`;
    expect(response.headers.get('www-authenticate')).toBe(challenge);
  });
});

describe('simulated managed identity', () => {
  it('refuses a request with a wrong identity header', async () => {
    const url = `${cloud.setting('IDENTITY_ENDPOINT')}?api-version=2019-08-01&resource=https://vault.azure.net`;
    const response = await fetch(url, { headers: { 'x-identity-header': 'wrong' } });

    expect(response.status).toBe(401);
  });
});

describe('simulated Entra', () => {
  it('gives a new refresh token every time and leaves the old one valid', async () => {
    const first = await cloud.exchange();
    const second = await cloud.exchange({ refresh_token: first.refresh_token });
    const again = await cloud.exchange({ refresh_token: first.refresh_token });

    expect(new Set([first, second, again].map((body) => body.refresh_token)).size).toBe(3);
  });

  it.each([
    [{ client_secret: 'wrong' }, 401, 'invalid_client', 7_000_215],
    [{ client_id: '00000000-0000-0000-0000-000000000000' }, 400, 'unauthorized_client', 700_016],
    [{ refresh_token: 'unknown' }, 400, 'invalid_grant', 70_000],
    [{ scope: 'https://graph.microsoft.com/.default' }, 400, 'invalid_scope', 70_011],
    [{ resource: 'https://graph.windows.net' }, 400, 'invalid_request', 901_002],
    [{ client_assertion: 'a.b.c' }, 401, 'invalid_client', 700_027],
  ])('refuses %j', async (changes, status, error, code) => {
    const response = await cloud.postToken(z.record(z.string(), z.string()).parse(changes));

    expect(response.status).toBe(status);
    const text = expect.stringMatching(new RegExp(`^AADSTS${code}: `));
    expect(await response.json()).toMatchObject({ error, error_codes: [code], error_description: text });
  });

  it("accepts an assertion signed with the vault's certificate in place of the secret", async () => {
    const pem = await cloud.readSecret('partner-center-client-certificate');
    const der = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
    const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
    const key = await crypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
    const issuer = cloud.tokenUrl.replace('/oauth2/v2.0/token', '/v2.0');
    const response = await oauth.refreshTokenGrantRequest(
      { issuer, token_endpoint: cloud.tokenUrl },
      { client_id: cloud.setting('PARTNER_CENTER_CLIENT_ID') },
      oauth.PrivateKeyJwt(key),
      await cloud.readSecret('partner-center-refresh-token'),
      { additionalParameters: { scope: `${cloud.api}/.default offline_access` } },
    );

    expect(response.status).toBe(200);
  });
});

describe('simulated storage', () => {
  it('is a real blob service behind the managed identity: leases, conditions, bytes', async () => {
    const blob = cloud.container.getBlockBlobClient('snapshots/2026-11/one.ndjson.gz');
    const { etag = '' } = await blob.upload('bytes', 5);
    const lease = blob.getBlobLeaseClient();
    await lease.acquireLease(60);

    expect(String(await blob.downloadToBuffer())).toBe('bytes');
    await expect(blob.getBlobLeaseClient().acquireLease(60)).rejects.toMatchObject({ code: 'LeaseAlreadyPresent' });
    await lease.releaseLease();
    await expect(blob.upload('other', 5, { conditions: { ifMatch: '"0x1"' } })).rejects.toBeInstanceOf(RestError);
    const unchanged = blob.download(0, undefined, { conditions: { ifNoneMatch: etag } });
    await expect(unchanged).rejects.toMatchObject({ statusCode: 304 });
  });

  it('counts reads, writes and leases', async () => {
    const { calls } = await cloud.control();

    expect(calls).toMatchObject({ storageWrite: 2, storageLease: 3, storageRead: 3, storage: 8 });
  });
});

describe('/_control', () => {
  it.each([
    [{ bogus: 1 }, 'bogus'],
    [{ faults: [{ service: 'entra', kind: 'bogus' }] }, 'entra has no kind "bogus"'],
    [{ faults: [{ service: 'bogus', kind: '503' }] }, 'service'],
    [{ setRecord: { customerId: 'bogus', members: {} } }, 'no row of customer "bogus"'],
    [{ customers: -1 }, 'customers'],
  ])('refuses %j and names what is wrong', async (change, named) => {
    const response = await fetch(cloud.controlUrl, { method: 'POST', body: JSON.stringify(change) });

    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error: expect.stringContaining(named) });
  });

  it('plays a fault so many times, then no longer, and DELETE clears the rest', async () => {
    await cloud.fault('entra', '503', 2);
    const statuses = [await cloud.postToken(), await cloud.postToken(), await cloud.postToken()].map(
      (one) => one.status,
    );
    await cloud.fault('entra', '503', 5);
    const response = await fetch(cloud.controlUrl, { method: 'DELETE' });

    expect(statuses).toEqual([503, 503, 200]);
    expect(await response.json()).toMatchObject({ faults: [] });
  });

  it('tells a polling host of a moved clock, and answers the mover once that host has polled again', async () => {
    const { clock } = await cloud.control();
    const ended = new AbortController();
    const poll = async (known: number) => {
      const response = await fetch(`${cloud.controlUrl}/clock?known=${known}`, { signal: ended.signal });
      return z.object({ offsetMs: z.number() }).parse(await response.json()).offsetMs;
    };
    const seen: string[] = [];
    async function host(): Promise<void> {
      const first = await poll(clock.offsetMs);
      seen.push(`host ${first - clock.offsetMs}`);
      const second = await poll(first);
      seen.push(`host ${second - clock.offsetMs}`);
      await poll(second).catch(() => undefined);
    }
    const hosting = host();
    // A poll that knows another offset is answered at once: by then the host's own is being held.
    await poll(clock.offsetMs - 1);
    await cloud.control({ advanceHours: 2 });
    seen.push('mover');
    await cloud.control({ advanceHours: day });
    seen.push('mover');
    ended.abort();
    await hosting;

    expect(seen).toEqual(['host 7200000', 'mover', 'host 93600000', 'mover']);
  });

  it('moves on by whole milliseconds, as Date.now() counts', async () => {
    await cloud.control({ advanceHours: 1 / 7 });
    expect((await cloud.control()).clock.offsetMs % 1).toBe(0);
  });

  it("ends the tokens of the cloud's own time: access after an hour, refresh after 90 days", async () => {
    const { access_token: token, refresh_token: refreshToken } = await cloud.exchange();
    await cloud.control({ advanceHours: 2 });
    const late = await cloud.usage(token);
    await cloud.control({ advanceHours: 91 * day });
    const dead = await cloud.postToken({ refresh_token: refreshToken });

    expect(late.status).toBe(401);
    expect(await dead.json()).toMatchObject({ error: 'invalid_grant', error_codes: [700_082] });
  });
});

describe('startCloud', () => {
  let folder: string;

  beforeAll(() => {
    folder = cloud.setting('NODE_EXTRA_CA_CERTS').replace('/certificates/ca.pem', '');
  });

  it('says in one line that a port of the block is in use', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = z.object({ port: z.number() }).parse(taken.address());

    await expect(startCloud({ folder, port })).rejects.toThrow(`port ${port} is in use`);
    await expect(startCloud({ folder, port: port - 5 })).rejects.toThrow(/^port \d+ is in use: \S.*$/);
    taken.close();
  });

  it('stops while a host is polling', async () => {
    const other = await startCloud({ folder, customers: 4 });
    const poll = fetch(`${other.controlUrl}/clock?known=0`);
    const outcome = poll.then(
      () => 'answered',
      () => 'hung up',
    );
    await fetch(`${other.controlUrl}/clock?known=1`);
    await other.stop();

    expect(await outcome).toBe('hung up');
  });
});
