import { describe, expect, it } from 'vitest';
import { readLines, page, pageJson, recordJson, startPartnerCenter } from '../support/services/partner-center.ts';
import { startScriptedServer } from '../support/services/scripted-server.ts';
import type { ScriptedAnswer } from '../support/services/scripted-server.ts';

const a = recordJson('a');
const b = recordJson('b');
const c = recordJson('c');
const partnerCenter = await startPartnerCenter();

function asked() {
  return partnerCenter.server.requests;
}

function continuation(value: string) {
  return [{ key: 'MS-ContinuationToken', value }];
}

function withNext(record: string, uri: string, headers?: readonly { key: string; value: string }[]): ScriptedAnswer {
  const next = JSON.stringify({ uri, method: 'GET', headers });
  return page([record], `,"links":{"self":{"uri":"/customers/usagerecords"},"next":${next}}`);
}

describe('links.next', () => {
  it('is followed with its headers until a page has none', async () => {
    const { usage, call, events } = partnerCenter.createUsage();
    partnerCenter.server.script(
      withNext(a, '/customers/usagerecords?seekOperation=Next', continuation('AQAAAA==')),
      withNext(b, '/customers/usagerecords?seekOperation=Next', continuation('AgAAAA==')),
      page([c], ',"links":{"next":null}'),
    );
    const download = await usage.download(call);
    expect(readLines(download)).toEqual([a, b, c]);
    expect(download.pages).toBe(3);
    expect(download.bytes).toBeGreaterThan(3 * a.length);
    expect(asked().map(({ path, headers }) => [path, headers['ms-continuationtoken']])).toEqual([
      ['/v1/customers/usagerecords', undefined],
      ['/v1/customers/usagerecords?seekOperation=Next', 'AQAAAA=='],
      ['/v1/customers/usagerecords?seekOperation=Next', 'AgAAAA=='],
    ]);
    // The first page's own count is compared with all records.
    expect(events).toMatchObject([{ event: 'upstream.count-mismatch', totalCount: 1, recordCount: 3, pages: 3 }]);
  });

  it.each([
    ['/v1/customers/usagerecords?page=2', '/v1/customers/usagerecords?page=2'],
    ['v1/customers/usagerecords?page=2', '/v1/customers/usagerecords?page=2'],
    ['/customers/usagerecords?page=2', '/v1/customers/usagerecords?page=2'],
    ['customers/usagerecords?page=2', '/v1/customers/usagerecords?page=2'],
    ['{origin}/v1/customers/usagerecords?page=2', '/v1/customers/usagerecords?page=2'],
    ['{origin}/v1/customers/usagerecords?page=2#part', '/v1/customers/usagerecords?page=2'],
    ['/v1//elsewhere.example/x', '/v1//elsewhere.example/x'],
    ['/v1///elsewhere.example/x', '/v1///elsewhere.example/x'],
    ['/v1/https://elsewhere.example/x', '/v1/https://elsewhere.example/x'],
  ])('%s leads to %s', async (uri, path) => {
    const { usage, call } = partnerCenter.createUsage();
    partnerCenter.server.script(withNext(a, uri.replace('{origin}', partnerCenter.server.url)), page([b]));
    expect((await usage.download(call)).pages).toBe(2);
    expect(asked()[1]?.path).toBe(path);
  });

  it('cannot replace our own headers or add a broken one', async () => {
    const { usage, call } = partnerCenter.createUsage();
    const headers = [
      { key: 'Authorization', value: 'Bearer theirs' },
      { key: 'X-Locale', value: 'de-DE' },
      { key: 'Host', value: 'elsewhere.example' },
      { key: 'Transfer-Encoding', value: 'chunked' },
      { key: 'a b', value: 'x' },
      { key: 'x-broken', value: 'one\r\ntwo' },
      { key: 'x-kept', value: 'yes' },
    ];
    partnerCenter.server.script(withNext(a, '/v1/next', headers), page([b]));
    await usage.download(call);
    const sent = asked()[1]?.headers;
    expect(sent).toMatchObject({ authorization: 'Bearer access-1', 'x-locale': 'en-US', 'x-kept': 'yes' });
    expect(sent?.host).toBe(new URL(partnerCenter.server.url).host);
    expect(sent).not.toHaveProperty('x-broken');
  });

  it('to another host is UpstreamPartial, and nothing goes there', async () => {
    const { usage, call } = partnerCenter.createUsage();
    const stranger = await startScriptedServer([page([b])]);
    partnerCenter.server.script(withNext(a, `${stranger.url}/v1/customers/usagerecords`));
    await expect(usage.download(call)).rejects.toMatchObject({
      code: 'UpstreamPartial',
      details: { reason: 'foreign-link', pages: 1 },
    });
    expect(stranger.requests).toEqual([]);
    await stranger.close();
  });

  it.each([
    '//elsewhere.example/v1/customers',
    '/\\elsewhere.example/x',
    'https://localhost/v1/next',
    'ftp://elsewhere.example/x',
    'javascript:void',
    'http://[broken',
  ])('%s is UpstreamPartial', async (uri) => {
    const { usage, call } = partnerCenter.createUsage();
    const answer = { ...withNext(a, uri), headers: { 'MS-RequestId': 'request-1' } };
    partnerCenter.server.script(answer);
    await expect(usage.download(call)).rejects.toMatchObject({
      code: 'UpstreamPartial',
      details: { reason: 'foreign-link', upstreamRequestId: 'request-1' },
      evidence: Buffer.from(String(answer.body)),
    });
    expect(asked()).toHaveLength(1);
  });

  it.each([
    ['the page itself', '/v1/customers/usagerecords', 1],
    ['an earlier page', '/v1/customers/usagerecords?page=2', 2],
  ])('to %s is UpstreamPartial', async (_what, uri, pages) => {
    const { usage, call } = partnerCenter.createUsage();
    partnerCenter.server.script(...Array.from({ length: pages }, () => withNext(a, uri)));
    await expect(usage.download(call)).rejects.toMatchObject({
      code: 'UpstreamPartial',
      details: { reason: 'repeated-link', pages },
    });
    expect(asked()).toHaveLength(pages);
  });

  it('without end is UpstreamPartial at the page limit', async () => {
    const { usage, call } = partnerCenter.createUsage({ maxPages: 3 });
    partnerCenter.server.script(...[2, 3, 4].map((number) => withNext(a, `/customers/usagerecords?page=${number}`)));
    await expect(usage.download(call)).rejects.toMatchObject({
      code: 'UpstreamPartial',
      details: { reason: 'too-many-pages', pages: 3 },
    });
    expect(asked()).toHaveLength(3);
  });

  it('without a uri is UpstreamInvalid', async () => {
    const { usage, call } = partnerCenter.createUsage();
    partnerCenter.server.script(page([a], ',"links":{"next":{"method":"GET"}}'));
    await expect(usage.download(call)).rejects.toMatchObject({
      code: 'UpstreamInvalid',
      details: { reason: 'schema', member: 'links.next.uri' },
    });
  });

  it('is needed to go on: a continuationToken alone is not', async () => {
    const { usage, call } = partnerCenter.createUsage();
    partnerCenter.server.script(page([a], ',"continuationToken":"AQAAAA=="'));
    expect((await usage.download(call)).pages).toBe(1);
  });

  it('fails with what the last page failed with', async () => {
    const { usage, call } = partnerCenter.createUsage();
    partnerCenter.server.script(withNext(a, '/v1/next'), { status: 403 });
    await expect(usage.download(call)).rejects.toMatchObject({ code: 'UpstreamForbidden' });
  });
});

describe('the size of a list', () => {
  it('is limited over all pages', async () => {
    const first = withNext(a, '/v1/next');
    const maxBytes = Buffer.byteLength(String(first.body)) + 10;
    const { usage, call } = partnerCenter.createUsage({ maxBytes });
    partnerCenter.server.script(first, page([b]));
    await expect(usage.download(call)).rejects.toMatchObject({
      code: 'UpstreamInvalid',
      details: { failure: 'too-large' },
    });
    expect(asked()).toHaveLength(2);
  });

  it('may be exactly the limit', async () => {
    const body = pageJson([a]);
    const { usage, call } = partnerCenter.createUsage({ maxBytes: body.length });
    partnerCenter.server.script({ body });
    expect((await usage.download(call)).bytes).toBe(body.length);
  });
});
