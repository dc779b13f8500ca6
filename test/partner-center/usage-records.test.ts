import { describe, expect, it } from 'vitest';
import { DependencyError } from '../../shared/errors.ts';
import { createPageReader } from '../../shared/partner-center/read-page.ts';
import { createSnapshotBuilder } from '../../shared/snapshot/snapshot.ts';
import { readLines, page, pageJson, recordJson, startPartnerCenter } from '../support/services/partner-center.ts';

const partnerCenter = await startPartnerCenter();

function fail(): never {
  throw new TypeError('a defect');
}

function asked() {
  return partnerCenter.server.requests;
}

describe('createPartnerCenterUsage', () => {
  it('asks for the usage records of all customers with the documented headers', async () => {
    const { usage, call } = partnerCenter.createUsage();
    partnerCenter.server.script(page([recordJson('a')]));
    await usage.download(call);
    const [request] = asked();
    expect(request).toMatchObject({ method: 'GET', path: '/v1/customers/usagerecords', body: '' });
    expect(request?.headers).toMatchObject({
      authorization: 'Bearer access-1',
      accept: 'application/json',
      'ms-correlationid': call.correlationId,
      'ms-partnercenter-application': 'partner-usage-api',
      'x-locale': 'en-US',
    });
    expect(request?.headers['ms-requestid']).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
  });

  it('gives the list with its size and the ids that support asks for', async () => {
    const { usage, call, events } = partnerCenter.createUsage();
    const body = pageJson([recordJson('a'), recordJson('b')]);
    partnerCenter.server.script({
      headers: { 'MS-RequestId': 'f1a5-request', 'MS-CorrelationId': 'f1a5-correlation' },
      body,
    });
    const { snapshot, ...rest } = await usage.download(call);
    expect(snapshot.count).toBe(2);
    expect(rest).toEqual({
      totalCount: 2,
      pages: 1,
      bytes: body.length,
      requestId: 'f1a5-request',
      correlationId: 'f1a5-correlation',
    });
    expect(events).toEqual([]);
  });

  it('takes no id that is not in a safe alphabet', async () => {
    const { usage, call } = partnerCenter.createUsage();
    partnerCenter.server.script({
      ...page([]),
      headers: { 'MS-RequestId': 'x'.repeat(65), 'MS-CorrelationId': 'a b' },
    });
    expect(await usage.download(call)).toMatchObject({ requestId: undefined, correlationId: undefined });
  });

  it('keeps every record as it came but for whitespace, in its order', async () => {
    const { usage, call } = partnerCenter.createUsage();
    const records = [
      recordJson('b', ',"totalCostInWords":"a \\"lot\\" : 1,2","nested":{"list":[1.10,{"deep":[]}]}'),
      recordJson('a', ',"customerSpendingBudget":{"amount":null}').replace('{"amount":20}', 'null'),
      recordJson('a').replace('120.5682999999995904716', '-1e400'),
      recordJson('Ünïcode 😀'),
    ];
    partnerCenter.server.script({ body: pageJson(records).replaceAll(',"', ' ,\r\n\t"') });
    expect(readLines(await usage.download(call))).toEqual(records);
  });

  it('gives an empty list as one', async () => {
    const { usage, call } = partnerCenter.createUsage();
    partnerCenter.server.script({
      json: { totalCount: 0, items: [], links: null, attributes: { objectType: 'Collection' } },
    });
    expect((await usage.download(call)).snapshot.count).toBe(0);
  });

  it('warns once when the number of records is not the count given', async () => {
    const { usage, call, events } = partnerCenter.createUsage();
    const body = pageJson([recordJson('a')]).replace('"totalCount":1', '"totalCount":25');
    partnerCenter.server.script({ body, headers: { 'MS-RequestId': 'request-7' } });
    expect((await usage.download(call)).totalCount).toBe(25);
    expect(events).toEqual([
      {
        event: 'upstream.count-mismatch',
        totalCount: 25,
        recordCount: 1,
        pages: 1,
        correlationId: call.correlationId,
        upstreamRequestId: 'request-7',
      },
    ]);
  });

  it.each(['"many"', '-1', '1.5', 'null'])('does without a count that is %s', async (count) => {
    const { usage, call, events } = partnerCenter.createUsage();
    partnerCenter.server.script({ body: pageJson([]).replace('"totalCount":0', `"totalCount":${count}`) });
    expect((await usage.download(call)).totalCount).toBeUndefined();
    expect(events).toEqual([]);
  });

  it('fails as the token fails', async () => {
    const failure = new DependencyError('UpstreamAuthRequired', 'sign in again');
    const get = () => Promise.reject(failure);
    const { usage, call } = partnerCenter.createUsage({ tokens: { get, drop: () => undefined } });
    await expect(usage.download(call)).rejects.toBe(failure);
    expect(asked()).toEqual([]);
  });

  it('ends when the caller does', async () => {
    const { usage, call, abort } = partnerCenter.createUsage();
    partnerCenter.server.script(() => {
      abort();
      return { fault: 'silent' };
    });
    await expect(usage.download(call)).rejects.toMatchObject({
      code: 'UpstreamUnavailable',
      details: { failure: 'aborted' },
    });
    expect(asked()).toHaveLength(1);
  });

  it('ends when the caller does, while it waits to try again', async () => {
    const { usage, call, abort } = partnerCenter.createUsage();
    partnerCenter.server.script(() => {
      abort();
      return { status: 503, headers: { 'retry-after': '5' } };
    });
    const failure: unknown = await usage.download(call).catch((reason: unknown) => reason);
    expect(failure).toMatchObject({ code: 'UpstreamUnavailable' });
    expect(asked()).toHaveLength(1);
  });

  it('ends with its own deadline', async () => {
    const { usage, call } = partnerCenter.createUsage({ timeoutMs: 40 });
    partnerCenter.server.script({ fault: 'silent' });
    await expect(usage.download(call)).rejects.toMatchObject({ code: 'UpstreamUnavailable' });
  });

  it('reports a defect as a download that ended early', async () => {
    const reason: unknown = 'not even an error';
    const get = async () => {
      throw reason;
    };
    const { usage, call } = partnerCenter.createUsage({ tokens: { get, drop: () => undefined } });
    await expect(usage.download(call)).rejects.toMatchObject({
      code: 'UpstreamUnavailable',
      details: { failure: 'string' },
    });
  });

  it('reports a defect met while a page is asked for in the same way', async () => {
    const tokens = { get: async () => 'access', drop: fail };
    const { usage, call } = partnerCenter.createUsage({ tokens });
    partnerCenter.server.script({ status: 401 });
    await expect(usage.download(call)).rejects.toMatchObject({
      code: 'UpstreamUnavailable',
      details: { failure: 'TypeError' },
    });
  });
});

describe('createPageReader', () => {
  it('lets a defect of the snapshot under construction through', () => {
    const reader = createPageReader({ ...createSnapshotBuilder(), add: fail });
    reader.start({});
    reader.add(Buffer.from(pageJson([recordJson('a')])));
    expect(() => reader.end()).toThrow(TypeError);
  });
});
