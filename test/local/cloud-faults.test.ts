import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startTestCloud } from './test-cloud.ts';

const linked = z.looseObject({
  items: z.array(z.looseObject({})),
  links: z.looseObject({
    next: z
      .object({
        uri: z.string(),
        method: z.string(),
        headers: z.array(z.object({ key: z.string(), value: z.string() })),
      })
      .optional(),
  }),
});

const cloud = await startTestCloud({ customers: 10 });
const { access_token: token } = await cloud.exchange();

async function faulted(kind: string): Promise<Response> {
  await cloud.fault('partner-center', kind);
  return cloud.usage(token);
}

async function follow(response: Response) {
  const body = linked.parse(await response.json());
  const headers = body.links.next?.headers.map(({ key, value }): [string, string] => [key, value]) ?? [];
  return { ...body, headers: Object.fromEntries(headers), query: body.links.next?.uri.split('?')[1] };
}

describe('Partner Center faults', () => {
  it.each([
    ['401', 401, '"code":"400"'],
    ['403', 403, '"code":"900329"'],
    ['mfa-required', 401, '"code":"900421"'],
    ['404', 404, '"code":"1000"'],
    ['429', 429, '"statusCode":429'],
    ['429-date', 429, '"statusCode":429'],
    ['429-bare', 429, '"statusCode":429'],
    ['500', 500, '"code":"800003"'],
    ['502', 502, '<html>'],
    ['503', 503, '"code":"900192"'],
    ['empty-list', 200, '"totalCount": 0, "items": []'],
    ['half-gone', 200, '"totalCount": 4,'],
    ['zero-cost', 200, '"totalCost": 0,'],
    ['duplicate-ids', 200, '"totalCount": 13,'],
    ['unknown-members', 200, '"resellerMpnId": 12345678901234567890'],
    ['null-budget', 200, '"budget": null'],
    ['huge-numbers', 200, '"totalCost": 1e400'],
    ['negative-cost', 200, '"totalCost": -12.34000000000000001'],
    ['count-mismatch', 200, '"totalCount": 31,'],
  ])('%s', async (kind, status, body) => {
    const response = await faulted(kind);

    expect(response.status).toBe(status);
    expect(await response.text()).toContain(body);
  });

  it('says when to come back: in seconds, as a date, not at all', async () => {
    const waits = [await faulted('429'), await faulted('429-date'), await faulted('429-bare')];

    expect(waits.map((one) => one.headers.get('retry-after'))).toEqual(['1', expect.stringMatching(/GMT$/), null]);
  });

  it('breaks bodies: cut short, marked, mistyped', async () => {
    const truncated = await (await faulted('truncated')).text();
    const marked = await (await faulted('bom')).bytes();
    const mistyped = await faulted('wrong-content-type');

    expect(() => JSON.parse(truncated)).toThrow(SyntaxError);
    expect([...marked.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(mistyped.headers.get('content-type')).toBe('text/plain');
  });

  it('breaks connections: reset and stalled in the body, silent before it', async () => {
    const reset = await faulted('reset');
    await expect(reset.text()).rejects.toThrow('terminated');
    const stalled = await faulted('stall');
    const reader = z.custom<ReadableStream<Uint8Array>>().parse(stalled.body).getReader();
    expect((await reader.read()).done).toBe(false);
    await reader.cancel();
    await cloud.fault('partner-center', 'timeout');
    const silent = cloud.usage(token).then(
      () => 'answered',
      () => 'hung up',
    );
    await cloud.control();
    expect(await Promise.race([silent, cloud.control().then(() => 'still silent')])).toBe('still silent');
  });

  it('pages by relative links that need their header', async () => {
    const first = await follow(await faulted('next-link'));
    const second = await follow(await cloud.usage(token, first.headers, `?${first.query}`));
    const third = await follow(await cloud.usage(token, second.headers, `?${second.query}`));
    const bare = await cloud.usage(token, {}, `?${first.query}`);

    expect([first, second, third].map((page) => page.items.length)).toEqual([4, 4, 2]);
    expect(third.query).toBeUndefined();
    expect(bare.status).toBe(400);
  });

  it('pages without end', async () => {
    const first = await follow(await faulted('endless-paging'));
    const second = await follow(await cloud.usage(token, first.headers, `?${first.query}`));

    expect(second.query).toBe('seekOperation=Next');
  });

  it('links to another host, which sees whether a token comes', async () => {
    const { links } = await follow(await faulted('foreign-next-link'));
    const uri = z.string().parse(links.next?.uri);
    await fetch(uri);
    await fetch(uri, { headers: { authorization: `Bearer ${token}` } });

    expect(new URL(uri).hostname).toBe('127.0.0.1');
    expect((await cloud.control()).calls).toMatchObject({ foreignHost: 2, foreignHostWithToken: 1 });
  });
});

describe('Entra faults', () => {
  it.each([
    ['refresh-token-expired', 400, '"error_codes":[700082]'],
    ['mfa-required', 400, '"error_codes":[50076]'],
    ['client-secret-expired', 401, '"error_codes":[7000222]'],
    ['temporarily-unavailable', 400, '"error":"temporarily_unavailable"'],
    ['500', 500, '"error_codes":[50000]'],
    ['503', 503, '"error":"temporarily_unavailable"'],
    ['expires-in-text', 200, '"expires_in":"3600"'],
  ])('%s', async (kind, status, body) => {
    await cloud.fault('entra', kind);
    const response = await cloud.postToken();

    expect(response.status).toBe(status);
    expect(await response.text()).toContain(body);
  });

  it('no-refresh-token', async () => {
    await cloud.fault('entra', 'no-refresh-token');

    expect(await (await cloud.postToken()).json()).not.toHaveProperty('refresh_token');
  });
});

describe('Key Vault faults', () => {
  it.each(['403', '404', '429', '500', '503'])('%s', async (kind) => {
    await cloud.fault('key-vault', kind);

    await expect(cloud.readSecret('partner-center-client-secret')).rejects.toMatchObject({ statusCode: Number(kind) });
  });

  it('401, however often the client fetches a new token', async () => {
    await cloud.fault('key-vault', '401', 2);

    await expect(cloud.readSecret('partner-center-client-secret')).rejects.toMatchObject({ statusCode: 401 });
    await cloud.control({ faults: [] });
  });
});

describe('storage faults', () => {
  const content = 'snapshot of some length';

  it.each([
    ['403', 403, 'AuthorizationPermissionMismatch'],
    ['container-missing', 404, 'ContainerNotFound'],
    ['412', 412, 'ConditionNotMet'],
    ['503', 503, 'ServerBusy'],
  ])('%s on a conditional write', async (kind, statusCode, code) => {
    await cloud.fault('storage', kind);
    const write = cloud.container.getBlockBlobClient('a').upload('x', 1, { conditions: { ifNoneMatch: '*' } });

    await expect(write).rejects.toMatchObject({ statusCode, code });
  });

  it('lease-held', async () => {
    const blob = cloud.container.getBlockBlobClient('refresh.lock');
    await blob.upload('', 0);
    await cloud.fault('storage', 'lease-held');

    await expect(blob.getBlobLeaseClient().acquireLease(60)).rejects.toMatchObject({ code: 'LeaseAlreadyPresent' });
  });

  it('changes or hides a snapshot on its way', async () => {
    const blob = cloud.container.getBlockBlobClient('snapshots/2026-11/one.ndjson.gz');
    await blob.upload(content, content.length);
    await cloud.fault('storage', 'corrupt-blob');
    const corrupt = await blob.downloadToBuffer(0, content.length);
    await cloud.fault('storage', 'foreign-blob');
    const foreign = await blob.downloadToBuffer(0, content.length);
    await cloud.fault('storage', 'pointer-missing-blob');
    const missing = blob.downloadToBuffer(0, content.length);

    expect([corrupt.length, corrupt.toString().startsWith('snapshot o')]).toEqual([content.length, true]);
    expect(corrupt.toString()).not.toBe(content);
    expect(foreign.toString()).toBe('this is no gzip\nthis is');
    await expect(missing).rejects.toMatchObject({ code: 'BlobNotFound' });
  });

  it('makes the pointer newer, for a conditional read too, and the real one comes back', async () => {
    const blob = cloud.container.getBlockBlobClient('current.json');
    const { etag = '' } = await blob.upload('{"schemaVersion":1}', 19);
    await cloud.fault('storage', 'pointer-newer');
    const newer = await blob.download(0, undefined, { conditions: { ifNoneMatch: etag } });
    const body = await text(z.custom<NodeJS.ReadableStream>().parse(newer.readableStreamBody));
    const real = await blob.download(0, undefined, { conditions: { ifNoneMatch: newer.etag ?? '' } });

    expect(body).toBe('{"schemaVersion":99}');
    expect(real.etag).toBe(etag);
    real.readableStreamBody?.resume();
  });
});
