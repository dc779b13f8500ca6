import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { createUtf8Converter } from '../../shared/partner-center/charset.ts';
import { readLines, pageJson, recordJson, startPartnerCenter } from '../support/services/partner-center.ts';

const record = recordJson('é');
const body = pageJson([record]);
const utf8 = Buffer.from(body);
const utf16 = Buffer.from(body, 'utf16le');
const partnerCenter = await startPartnerCenter();

function marked(mark: readonly number[], bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(mark), bytes]);
}

describe('the body of a page', () => {
  it.each<[string, string | undefined, Buffer]>([
    ['UTF-8', 'application/json', utf8],
    ['UTF-8 that says so', 'application/json; charset="UTF8"', utf8],
    ['UTF-8 with a mark', 'application/json; charset=utf-8', marked([0xef, 0xbb, 0xbf], utf8)],
    ['UTF-16LE with a mark', 'application/json; charset=utf-8', marked([0xff, 0xfe], utf16)],
    ['UTF-16BE with a mark', undefined, marked([0xfe, 0xff], Buffer.from(utf16).swap16())],
    ['UTF-16LE by its charset', 'application/json; charset=utf-16le', utf16],
    ['Latin-1 by its charset', 'application/json; charset=ISO-8859-1', Buffer.from(body, 'latin1')],
    ['JSON called something else', 'text/html', utf8],
    ['JSON of no type', undefined, utf8],
  ])('is read as %s', async (_what, contentType, bytes) => {
    const { usage, call } = partnerCenter.createUsage();
    const headers = contentType === undefined ? {} : { 'content-type': contentType };
    partnerCenter.server.script({ headers, body: bytes });
    const download = await usage.download(call);
    expect(readLines(download)).toEqual([record]);
    expect(download.bytes).toBe(bytes.length);
  });

  test.prop([fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 9 })])(
    'is read the same wherever its characters are cut',
    (text, size) => {
      for (const charset of ['utf-8', 'utf-16le']) {
        const bytes = Buffer.from(`\u{FEFF}${text}`, charset === 'utf-8' ? 'utf8' : 'utf16le');
        const { convert, end } = createUtf8Converter(`application/json; charset=${charset}`);
        const parts: Buffer[] = [];
        for (let start = 0; start < bytes.length; start += size) {
          parts.push(convert(bytes.subarray(start, start + size)));
        }
        expect(Buffer.concat([...parts, end()]).toString()).toBe(text.toWellFormed());
      }
    },
  );

  it.each<[string, string, Buffer, string]>([
    ['no UTF-8', 'application/json', Buffer.from(body, 'latin1'), 'charset'],
    ['broken after its mark', 'application/json', marked([0xef, 0xbb, 0xbf, 0xff], utf8), 'charset'],
    ['half a UTF-16 character', 'application/json', marked([0xff, 0xfe], utf16.subarray(1)), 'charset'],
    ['of an unknown charset', 'application/json; charset=klingon', utf8, 'charset'],
    ['HTML', 'text/html', Buffer.from('<html>Sign in</html>'), 'not-json'],
    ['empty', 'application/json', Buffer.alloc(0), 'not-json'],
    ['truncated JSON', 'application/json', utf8.subarray(0, -9), 'not-json'],
    ['an array', 'application/json', Buffer.from(`[${record}]`), 'no-items'],
    ['without items', 'application/json', Buffer.from('{"totalCount":0}'), 'no-items'],
    ['with null for items', 'application/json', Buffer.from('{"items":null}'), 'items-no-array'],
    ['of another shape', 'application/json', Buffer.from('{"items":[],"links":[]}'), 'schema'],
  ])('that is %s is UpstreamInvalid, with the bytes as evidence', async (_what, contentType, bytes, reason) => {
    const { usage, call } = partnerCenter.createUsage();
    partnerCenter.server.script({ headers: { 'content-type': contentType, 'MS-RequestId': 'request-1' }, body: bytes });
    await expect(usage.download(call)).rejects.toMatchObject({
      code: 'UpstreamInvalid',
      details: { reason, contentType, bytes: bytes.length, upstreamRequestId: 'request-1' },
      evidence: bytes,
    });
  });

  it.each([
    ['that names no customer', record.replace('"resourceId"', '"resource"'), 'resourceId'],
    ['that is no object', '["Customer"]', undefined],
  ])('with a record %s is UpstreamInvalid and names its place', async (_what, odd, member) => {
    const { usage, call } = partnerCenter.createUsage();
    partnerCenter.server.script({ body: pageJson([record, odd]) });
    const failure: unknown = await usage.download(call).catch((reason: unknown) => reason);
    expect(failure).toMatchObject({ code: 'UpstreamInvalid', details: { reason: 'schema', record: 1 } });
    expect(failure).toMatchObject({ details: { member } });
    expect(String(failure)).not.toContain('Customer');
  });
});
