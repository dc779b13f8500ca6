import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { CustomerNotFoundError, NotAcceptableError, TooLargeUncompressedError } from '../../shared/errors.ts';
import { createContentAnswer } from '../../shared/http/content-answer.ts';
import { createTestCall } from '../support/call.ts';

const large = Buffer.alloc(5000, 'usage ');
const small = Buffer.alloc(1023, 'usage ');
const under = { version: 'v1', key: 'list' };

type Asked = { readonly accept?: string; readonly method?: string; readonly kept?: boolean; readonly key?: string };

/** Content of one body, with counts of how often it was asked for and made. */
function rigOf(body: Buffer, options: { readonly keptBytes?: number; readonly uncompressedBytes?: number } = {}) {
  const contentAnswer = createContentAnswer({ keptBytes: 100_000, uncompressedBytes: 1_000_000, ...options });
  const counts = { asked: 0, made: 0 };
  const { call } = createTestCall();
  return {
    counts,
    ask: ({ accept, method = 'GET', kept = true, key = under.key }: Asked = {}) =>
      contentAnswer({
        apiRequest: { method, headers: new Headers(accept === undefined ? {} : { 'accept-encoding': accept }), call },
        contentType: 'text/plain',
        headers: { etag: 'W/"1"' },
        ...(kept ? { under: { ...under, key } } : {}),
        content() {
          counts.asked += 1;
          const bytes = () => {
            counts.made += 1;
            return body;
          };
          return { byteLength: body.length, bytes };
        },
      }),
  };
}

describe('createContentAnswer', () => {
  it('sends a large body compressed to who takes gzip, and says so', async () => {
    const { body, ...answer } = await rigOf(large).ask({ accept: 'gzip' });
    expect(gunzipSync(body ?? '')).toEqual(large);
    expect(answer).toEqual({
      status: 200,
      headers: {
        'content-type': 'text/plain',
        'content-length': String(body?.length),
        'content-encoding': 'gzip',
        vary: 'Accept, Accept-Encoding',
        etag: 'W/"1"',
      },
    });
  });

  it.each([undefined, 'br', 'identity, gzip;q=0.5'])(
    'sends it plain to who says Accept-Encoding %j',
    async (accept) => {
      expect(await rigOf(large).ask(accept === undefined ? {} : { accept })).toEqual({
        status: 200,
        body: large,
        headers: {
          'content-type': 'text/plain',
          'content-length': '5000',
          vary: 'Accept, Accept-Encoding',
          etag: 'W/"1"',
        },
      });
    },
  );

  it('compresses from 1 kB on, or when plain is not wanted', async () => {
    expect((await rigOf(small).ask({ accept: 'gzip' })).headers['content-encoding']).toBeUndefined();
    expect((await rigOf(Buffer.alloc(1024)).ask({ accept: 'gzip' })).headers['content-encoding']).toBe('gzip');
    const { headers, body } = await rigOf(small).ask({ accept: 'gzip, identity;q=0' });
    expect(headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(body ?? '')).toEqual(small);
  });

  it.each([
    [large, 'gzip'],
    [small, 'gzip'],
    [small, 'identity'],
  ])('makes a body once for all who ask the same', async (content, accept) => {
    const rig = rigOf(content);
    const first = await rig.ask({ accept });
    expect(await rig.ask({ accept })).toEqual(first);
    expect(rig.counts).toEqual({ asked: 1, made: 1 });
    await rig.ask({ accept, key: 'another' });
    expect(rig.counts).toEqual({ asked: 2, made: 2 });
  });

  it('compresses once for all who ask the same at the same time', async () => {
    const rig = rigOf(large);
    const answers = await Promise.all(Array.from({ length: 50 }, () => rig.ask({ accept: 'gzip' })));
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    expect(rig.counts.made).toBe(1);
  });

  it.each([
    [large, 'identity', 'gzip'],
    [small, 'gzip, identity;q=0', 'gzip'],
  ])('keeps no body that few ask for', async (content, accept, usual) => {
    const rig = rigOf(content);
    await rig.ask({ accept });
    await rig.ask({ accept });
    expect(rig.counts.made).toBe(2);
    await rig.ask({ accept: usual });
    expect((await rig.ask({ accept })).headers['content-encoding']).toBe(accept === 'identity' ? undefined : 'gzip');
  });

  it('makes a body each time where nothing says under what it would be kept, or nothing may be kept', async () => {
    const rig = rigOf(large);
    await rig.ask({ accept: 'gzip', kept: false });
    await rig.ask({ accept: 'gzip', kept: false });
    expect(rig.counts.made).toBe(2);
    const frugal = rigOf(large, { keptBytes: 0 });
    await frugal.ask({ accept: 'gzip' });
    await frugal.ask({ accept: 'gzip' });
    expect(frugal.counts.made).toBe(2);
  });

  it('refuses to send more than the maximum plain, without making it', async () => {
    const rig = rigOf(large, { uncompressedBytes: 4999 });
    await expect(rig.ask()).rejects.toThrow(TooLargeUncompressedError);
    expect(rig.counts).toEqual({ asked: 1, made: 0 });
    for (const accept of ['gzip', 'identity, gzip;q=0.1']) {
      expect((await rig.ask({ accept })).headers['content-encoding']).toBe('gzip');
    }
    expect((await rigOf(large, { uncompressedBytes: 5000 }).ask()).body).toEqual(large);
  });

  it('answers HEAD without making a body, however large', async () => {
    const rig = rigOf(large, { uncompressedBytes: 10 });
    expect(await rig.ask({ method: 'HEAD' })).toMatchObject({ status: 200, headers: { etag: 'W/"1"' } });
    expect((await rig.ask({ method: 'HEAD', accept: 'gzip' })).headers['content-encoding']).toBe('gzip');
    expect(rig.counts).toEqual({ asked: 2, made: 0 });
  });

  it('answers what asking for the content throws, and refuses who takes neither coding', async () => {
    const contentAnswer = createContentAnswer({ keptBytes: 1000, uncompressedBytes: 1000 });
    const apiRequest = { method: 'GET', headers: new Headers(), call: createTestCall().call };
    const asked = { apiRequest, contentType: 'text/plain', headers: {} };
    await expect(contentAnswer({ ...asked, content: noCustomer })).rejects.toThrow(CustomerNotFoundError);
    await expect(rigOf(large).ask({ accept: '*;q=0' })).rejects.toThrow(NotAcceptableError);
  });
});

function noCustomer(): never {
  throw new CustomerNotFoundError();
}
