import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { DependencyError } from '../../shared/errors.ts';
import { readLines, pageJson, recordJson, startPartnerCenter } from '../support/services/partner-center.ts';
import type { ScriptedAnswer } from '../support/services/scripted-server.ts';

const list = pageJson([recordJson('a'), recordJson('b')]);
const gzipped = gzipSync(list);
const partnerCenter = await startPartnerCenter();
function coded(coding: string, body: Uint8Array | string): ScriptedAnswer {
  return { headers: { 'content-type': 'application/json', 'content-encoding': coding }, body };
}

async function download(answer: ScriptedAnswer, maxBytes?: number) {
  partnerCenter.server.script(answer);
  const { usage, call } = partnerCenter.createUsage(maxBytes === undefined ? {} : { maxBytes });
  return await usage.download(call);
}

describe('an answer of Partner Center', () => {
  it('is asked for in gzip', async () => {
    await download(coded('gzip', gzipped));
    expect(partnerCenter.server.requests[0]?.headers['accept-encoding']).toBe('gzip');
  });

  it.each([
    ['gzip', gzipped],
    ['GZIP', gzipped],
    ['x-gzip', gzipped],
    ['identity', list],
    ['', list],
    ['gzip', Buffer.concat([gzipSync(list.slice(0, 100)), gzipSync(list.slice(100))])],
  ])('in "%s" is read with every digit', async (coding, body) => {
    const downloaded = await download(coded(coding, body));
    expect(readLines(downloaded)).toEqual([recordJson('a'), recordJson('b')]);
    expect(downloaded.bytes).toBe(list.length);
  });

  it('in gzip may be UTF-16 behind its mark', async () => {
    const body = gzipSync(Buffer.from(`\u{FEFF}${list}`, 'utf16le'));
    expect(readLines(await download(coded('gzip', body)))).toEqual([recordJson('a'), recordJson('b')]);
  });

  it.each([
    ['gzip', gzipSync],
    ['identity', (body: string) => body],
  ])('in %s is read in parts that may end inside a letter', async (coding, encode) => {
    const records = Array.from({ length: 4000 }, (_, index) => recordJson(`${index}`, `,"note":"${'東'.repeat(99)}"`));
    expect(readLines(await download(coded(coding, encode(pageJson(records)))))).toEqual(records);
  });

  test.prop([fc.nat(400), fc.nat(400)], { numRuns: 20 })('in gzip, however many records', async (count, salt) => {
    const records = Array.from({ length: count }, (_, index) => recordJson(`${salt}-${index}`));
    expect(readLines(await download(coded('gzip', gzipSync(pageJson(records)))))).toEqual(records);
  });

  it.each([
    ['gzip', 'no gzip at all', list],
    ['gzip', 'an empty body', ''],
    ['gzip', 'a stream cut short', gzipped.subarray(0, -9)],
    ['gzip', 'a wrong checksum', Buffer.concat([gzipped.subarray(0, -8), Buffer.alloc(4), gzipped.subarray(-4)])],
    ['gzip', 'something behind the stream', Buffer.concat([gzipped, Buffer.from('{"items":[]}')])],
    ['gzip', 'deflate', deflateSync(list)],
    ['gzip, gzip', 'two codings', gzipSync(gzipped)],
    ['br', 'a coding that was not asked for', brotliCompressSync(list)],
    ['deflate', 'another one', deflateSync(list)],
  ])('in "%s" that is %s is refused, with its start as evidence', async (coding, _what, body) => {
    await expect(download(coded(coding, body))).rejects.toMatchObject({
      code: 'UpstreamInvalid',
      details: { failure: 'content-coding' },
      explanation: { cure: 'refused-answer' },
      evidence: Buffer.from(body).subarray(0, 65_536),
    });
    expect(partnerCenter.server.requests).toHaveLength(1);
  });

  it('in gzip that does not say so is refused', async () => {
    await expect(download({ body: gzipped })).rejects.toMatchObject({
      code: 'UpstreamInvalid',
      evidence: Buffer.from(gzipped),
    });
  });

  it.each([
    ['that decodes to more than is allowed', gzipSync(`${list}${' '.repeat(100_000)}`), 50_000],
    ['that decodes to a thousand times its size', gzipSync(Buffer.alloc(40 * 1024 * 1024, ' ')), undefined],
  ])('in gzip %s is refused before it is whole', async (_what, body, maxBytes) => {
    const failure = await download(coded('gzip', body), maxBytes).catch((error: unknown) => error);
    if (!(failure instanceof DependencyError)) throw new Error('the body was accepted');
    const { code, details, explanation, evidence } = failure;
    expect(explanation.cure).toBe('refused-answer');
    // The length alone, because to print evidence that is a whole page takes minutes.
    const found = { code, failure: details['failure'], bytes: evidence?.length };
    expect(found).toEqual({ code: 'UpstreamInvalid', failure: 'too-large', bytes: Math.min(body.length, 65_536) });
  });

  it('that is an error in gzip tells its code', async () => {
    const body = gzipSync('{"code":"900308","description":"Insufficient privileges"}');
    await expect(download({ ...coded('gzip', body), status: 403 })).rejects.toMatchObject({
      code: 'UpstreamForbidden',
      details: { upstreamCode: '900308' },
    });
  });

  it.each([
    ['is no gzip', 'Forbidden'],
    ['is a bomb', gzipSync(Buffer.alloc(40 * 1024 * 1024))],
  ])('that is an error whose gzip %s tells its status alone', async (_what, body) => {
    await expect(download({ ...coded('gzip', body), status: 403 })).rejects.toMatchObject({
      code: 'UpstreamForbidden',
      details: { status: 403, upstreamCode: undefined },
    });
  });
});
