import { gunzipSync } from 'node:zlib';
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { createResponder } from '../../shared/http/responder.ts';

const large = Buffer.alloc(5000, 'usage ');
const small = Buffer.alloc(1023, 'usage ');
const representation = { contentType: 'text/plain', headers: { etag: 'W/"1"' }, etag: 'W/"1"', cacheKey: 'list' };

function requestOf(accept: string | undefined, method = 'GET', headers: Readonly<Record<string, string>> = {}) {
  return { method, headers: new Headers(accept === undefined ? headers : { ...headers, 'accept-encoding': accept }) };
}

function responderOf({ cacheBytes = 100_000, uncompressedBytes = 1_000_000 } = {}) {
  const responder = createResponder({ cacheBytes, uncompressedBytes, yieldToEventLoop: () => Promise.resolve() });
  return {
    ...responder,
    ask: async (body: Buffer, accept?: string) =>
      responder.reuse(requestOf(accept), representation) ??
      (await responder.send(requestOf(accept), representation, { pieces: [body] })),
  };
}

/** The pieces of a long body that cannot be finished. */
function* failing() {
  for (let piece = 0; piece < 8; piece += 1) yield Buffer.alloc(500_000);
  throw new Error('no more rows');
}

describe('createResponder', () => {
  it.each([
    ['many small texts', Array.from({ length: 200_000 }, (_, number) => `usage ${number} `)],
    [
      'buffers and texts in turn',
      Array.from({ length: 40 }, (_, number) => (number % 2 === 0 ? Buffer.alloc(99_999, `${number}`) : 'ü,')),
    ],
    ['one large buffer', [Buffer.alloc(3_000_000, 'usage')]],
  ])('compresses a long body of %s while it is made', async (_, pieces) => {
    const { body, headers } = await createResponder({
      cacheBytes: 0,
      uncompressedBytes: 1000,
      yieldToEventLoop: () => Promise.resolve(),
    }).send(requestOf('gzip'), representation, { pieces });
    const whole = Buffer.concat(pieces.map((piece) => Buffer.from(piece)));
    expect(headers).toMatchObject({ 'content-encoding': 'gzip', 'content-length': String(body?.length) });
    expect(gunzipSync(body ?? '').equals(whole)).toBe(true);
  });

  it('fails as its pieces fail, however far it got', async () => {
    const responder = responderOf();
    await expect(responder.send(requestOf('gzip'), representation, { pieces: failing() })).rejects.toThrow(
      'no more rows',
    );
    await expect(responder.send(requestOf('identity'), representation, { pieces: [] })).resolves.toMatchObject({
      status: 200,
    });
  });

  it.each([
    ['of many small texts', Array.from({ length: 2000 }, () => 'usage '), 4],
    ['of few large buffers', Array.from({ length: 16 }, () => Buffer.alloc(64 * 1024)), 8],
    ['of one small text', ['usage'], 0],
  ])('gives other requests their turn while it makes a body %s', async (_, pieces, turns) => {
    let taken = 0;
    const yieldToEventLoop = async () => void (taken += 1);
    const responder = createResponder({ cacheBytes: 0, uncompressedBytes: Infinity, yieldToEventLoop });
    await responder.send(requestOf(undefined), representation, { pieces });
    expect(taken).toBe(turns);
  });

  it('sends a large body compressed to a caller that takes gzip, and says so', async () => {
    const { body, ...answer } = await responderOf().ask(large, 'gzip');
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

  it.each([undefined, 'br', 'identity, gzip;q=0.5'])('sends it plain for Accept-Encoding %j', async (accept) => {
    expect(await responderOf().ask(large, accept)).toEqual({
      status: 200,
      body: large,
      headers: {
        'content-type': 'text/plain',
        'content-length': '5000',
        vary: 'Accept, Accept-Encoding',
        etag: 'W/"1"',
      },
    });
  });

  it('compresses from 1 kB on, or when plain is not wanted', async () => {
    expect((await responderOf().ask(small, 'gzip')).headers['content-encoding']).toBeUndefined();
    expect((await responderOf().ask(Buffer.alloc(1024), 'gzip')).headers['content-encoding']).toBe('gzip');
    const { headers, body } = await responderOf().ask(small, 'gzip, identity;q=0');
    expect(headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(body ?? '')).toEqual(small);
  });

  test.prop([fc.uint8Array({ minLength: 1024, maxLength: 5000 })])('compresses what gunzip restores', async (bytes) => {
    const { body } = await responderOf().ask(Buffer.from(bytes), 'gzip');
    expect(gunzipSync(body ?? '')).toEqual(Buffer.from(bytes));
  });

  it('answers again from the cache in the coding of the answer before', async () => {
    const responder = responderOf();
    const first = await responder.ask(large, 'gzip');
    expect(responder.reuse(requestOf('gzip'), representation)).toEqual(first);
    expect(responder.reuse(requestOf('identity'), representation)).toBeUndefined();
    const plain = await responder.ask(large, 'identity');
    expect(await responder.ask(large, 'identity')).toEqual(plain);
    expect(responder.reuse(requestOf(undefined), representation)).toEqual(plain);
    expect(responder.reuse(requestOf('gzip'), representation)).toEqual(first);
    expect(responder.reuse(requestOf('gzip'), { ...representation, cacheKey: 'another' })).toBeUndefined();
  });

  it('sends a cached body only in the coding that a new one would have', async () => {
    const responder = responderOf();
    for (let times = 0; times < 2; times += 1) await responder.ask(large, 'identity');
    expect(responder.reuse(requestOf('gzip'), representation)).toBeUndefined();
    const key = { ...representation, cacheKey: 'small' };
    const first = await responder.send(requestOf('gzip'), key, { pieces: [small] });
    expect(responder.reuse(requestOf('identity'), key)).toEqual(first);
    expect(responder.reuse(requestOf('gzip'), key)).toEqual(first);
    expect(responder.reuse(requestOf('gzip, identity;q=0'), key)).toBeUndefined();
  });

  it('caches a plain body when it is sent again and not longer than 128 kB, and none without a key', async () => {
    const responder = responderOf({ cacheBytes: 10_000_000 });
    const longest = Buffer.alloc(128 * 1024);
    await responder.ask(longest, 'identity');
    expect(responder.reuse(requestOf('identity'), representation)).toBeUndefined();
    await responder.ask(longest, 'identity');
    expect(responder.reuse(requestOf('identity'), representation)).toBeDefined();
    const long = { ...representation, cacheKey: 'long' };
    for (let times = 0; times < 2; times += 1) {
      await responder.send(requestOf('identity'), long, { pieces: [Buffer.alloc(128 * 1024 + 1)] });
    }
    expect(responder.reuse(requestOf('identity'), long)).toBeUndefined();
    const { cacheKey: _, ...uncached } = representation;
    await responder.send(requestOf('gzip'), uncached, { pieces: [large] });
    expect(responder.reuse(requestOf('gzip'), representation)).toBeUndefined();
  });

  it('gives a cached body with the headers that its making showed and the age of now', async () => {
    const responder = responderOf();
    const link = { link: '<https://usage.test/next>; rel="next"' };
    await responder.send(requestOf('gzip'), representation, { pieces: [large], headers: link });
    const later = { ...representation, headers: { etag: 'W/"1"', 'cache-status': 'usage; hit; ttl=-5' } };
    expect(responder.reuse(requestOf('gzip'), later)?.headers).toMatchObject({ ...later.headers, ...link });
  });

  it('answers 304 to a caller that names the ETag, cached or not', () => {
    const request = requestOf('gzip', 'GET', { 'if-none-match': '"1"' });
    expect(responderOf().reuse(request, representation)).toEqual({ status: 304, headers: { etag: 'W/"1"' } });
  });

  it('refuses to send more than the maximum plain', async () => {
    const responder = responderOf({ uncompressedBytes: 4999 });
    await expect(responder.ask(large)).rejects.toThrow(/TooLargeUncompressed/);
    for (const accept of ['gzip', 'identity, gzip;q=0.1']) {
      expect((await responder.ask(large, accept)).headers['content-encoding']).toBe('gzip');
    }
    expect((await responderOf({ uncompressedBytes: 5000 }).ask(large)).body).toEqual(large);
  });

  it('answers HEAD without a body', () => {
    const answer = responderOf().answerWithoutBody(requestOf('gzip', 'HEAD'), representation);
    expect(answer).toEqual({
      status: 200,
      headers: { 'content-type': 'text/plain', vary: 'Accept, Accept-Encoding', etag: 'W/"1"' },
    });
    expect(responderOf().answerWithoutBody(requestOf('gzip'), representation)).toBeUndefined();
  });

  it('refuses a caller that takes neither coding', async () => {
    await expect(responderOf().ask(large, '*;q=0')).rejects.toThrow(/NotAcceptable/);
  });
});
