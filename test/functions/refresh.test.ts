import { describe, expect, it } from 'vitest';
import { DependencyError } from '../../shared/errors.ts';
import type { FailureCode } from '../../shared/errors.ts';
import { createFunctionsRig } from '../support/functions-rig.ts';
import { downloadOf, rowsOf } from '../support/usage-rows.ts';

type Rig = ReturnType<typeof createFunctionsRig>;

function post(rig: Rig, path = '/api/refresh', body?: string) {
  return rig.call('refresh', path, { method: 'POST', ...(body === undefined ? {} : { body: { string: body } }) });
}

const failing = (code: FailureCode) => () => Promise.reject(new DependencyError(code, 'no'));

describe('POST /api/refresh', () => {
  it.each([undefined, '', '{"input":""}', 'no JSON'])(
    'answers 200 with the outcome, whatever the body %j says',
    async (body) => {
      const rig = createFunctionsRig();
      const snapshot = {
        period: '2026-11',
        fetchedAt: '2026-11-20T12:00:00.000Z',
        state: 'fresh',
        recordCount: 4,
        estimate: true,
      };
      expect(await post(rig, '/api/refresh', body)).toMatchObject({
        status: 200,
        json: { outcome: 'published', snapshot },
      });
      rig.advanceMinutes(5);
      const fetchedAt = '2026-11-20T12:05:00.000Z';
      expect((await post(rig)).json).toEqual({ outcome: 'unchanged', snapshot: { ...snapshot, fetchedAt } });
    },
  );

  it('is followed by reads of what it fetched', async () => {
    const rig = createFunctionsRig();
    await rig.call('usage-records', '/api/customers/usagerecords');
    rig.advanceMinutes(5);
    rig.serve(() => Promise.resolve(downloadOf(rowsOf(7))));
    await post(rig);
    const { json } = await rig.call('usage-records', '/api/customers/usagerecords');
    expect(json).toMatchObject({
      totalCount: 7,
      snapshot: { fetchedAt: '2026-11-20T12:05:00.000Z' },
    });
  });

  it('answers 429 within five minutes of a success', async () => {
    const rig = createFunctionsRig();
    await post(rig);
    rig.advanceMinutes(1);
    const { status, headers, json } = await post(rig);
    expect({ status, json }).toMatchObject({ status: 429, json: { code: 'RefreshTooSoon' } });
    expect(headers.get('retry-after')).toBe('240');
  });

  it.each([
    [undefined, '/api/refresh', 'https://usage.example/api/health/ready'],
    [undefined, '/API/Refresh/?code=secret', 'https://usage.example/API/health/ready'],
    ['https://gateway.example/usage', '/api/refresh', 'https://gateway.example/usage/api/health/ready'],
  ])('answers 202 when it takes too long, with the place to look below %s', async (publicBaseUrl, path, location) => {
    const rig = createFunctionsRig(publicBaseUrl === undefined ? {} : { publicBaseUrl });
    const download = Promise.withResolvers<ReturnType<typeof downloadOf>>();
    rig.serve(() => download.promise);
    const asked = post(rig, path);
    rig.tire();
    const { status, headers, json } = await asked;
    expect({ status, json }).toEqual({ status: 202, json: { outcome: 'running' } });
    expect(headers.get('location')).toBe(location);
    expect(headers.get('retry-after')).toBe('10');
    download.resolve(downloadOf(rowsOf(1)));
    await rig.refresh('caller', rig.log.call);
  });

  it.each([
    ['UpstreamUnavailable', '60'],
    ['UpstreamAuthRequired', null],
  ] as const)('answers 503 with %s as the reason', async (code, retryAfter) => {
    const rig = createFunctionsRig();
    rig.serve(failing(code));
    const { status, headers, json } = await post(rig);
    expect({ status, json }).toMatchObject({ status: 503, json: { code: 'RefreshFailed', reason: code } });
    expect(headers.get('retry-after')).toBe(retryAfter);
    expect(rig.lines.join()).not.toContain('read.unavailable');
  });

  it('refuses parameters it does not have, and does nothing then', async () => {
    const rig = createFunctionsRig();
    expect(await post(rig, '/api/refresh?top=1&force=true')).toMatchObject({
      status: 400,
      json: { code: 'UnknownParameter', errors: [{ parameter: 'top' }, { parameter: 'force' }] },
    });
    expect(rig.memory.operations).toEqual([]);
  });
});
