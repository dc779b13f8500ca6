import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { DependencyError } from '../../shared/errors.ts';
import type { FailureCode } from '../../shared/errors.ts';
import { invoke, runTimer } from '../support/functions/invocation.ts';
import { createUsageFunctions } from '../support/functions/usage-functions.ts';
import { createDownload, createRows } from '../support/lists/usage-rows.ts';

const list = '/api/customers/usagerecords';

type Functions = ReturnType<typeof createUsageFunctions>;

function post({ refreshNow }: Functions, path = '/api/refresh', body?: string) {
  return invoke(refreshNow, path, { method: 'POST', ...(body === undefined ? {} : { body }) });
}

const failing = (code: FailureCode) => () => Promise.reject(new DependencyError(code, 'no'));

describe('POST /api/refresh', () => {
  it.each([undefined, '', '{"input":""}', 'no JSON'])(
    'answers 200 with the outcome, whatever the body %j says',
    async (body) => {
      const functions = createUsageFunctions();
      const { rig } = functions;
      const snapshot = {
        period: '2026-11',
        fetchedAt: '2026-11-20T12:00:00.000Z',
        state: 'fresh',
        recordCount: 4,
        estimate: true,
      };
      expect(await post(functions, '/api/refresh', body)).toMatchObject({
        status: 200,
        json: { outcome: 'published', snapshot },
      });
      rig.advanceMinutes(5);
      const fetchedAt = '2026-11-20T12:05:00.000Z';
      expect((await post(functions)).json).toEqual({ outcome: 'unchanged', snapshot: { ...snapshot, fetchedAt } });
    },
  );

  it('is followed by reads of what it fetched', async () => {
    const functions = createUsageFunctions();
    const { rig } = functions;
    await invoke(functions.list, list);
    rig.advanceMinutes(5);
    rig.serve(() => Promise.resolve(createDownload(createRows(7))));
    await post(functions);
    const { json } = await invoke(functions.list, list);
    expect(json).toMatchObject({
      totalCount: 7,
      snapshot: { fetchedAt: '2026-11-20T12:05:00.000Z' },
    });
  });

  it('answers 429 within five minutes of a success', async () => {
    const functions = createUsageFunctions();
    const { rig } = functions;
    await post(functions);
    rig.advanceMinutes(1);
    const { status, headers, json } = await post(functions);
    expect({ status, json }).toMatchObject({ status: 429, json: { code: 'RefreshTooSoon' } });
    expect(headers['retry-after']).toBe('240');
  });

  it.each([
    [undefined, '/api/refresh', 'http://localhost:7071/api/health/ready'],
    [undefined, '/API/Refresh/?code=secret', 'http://localhost:7071/API/health/ready'],
    ['https://gateway.example/usage', '/api/refresh', 'https://gateway.example/usage/api/health/ready'],
  ])('answers 202 when it takes too long, with the place to look below %s', async (publicBaseUrl, path, location) => {
    const functions = createUsageFunctions(publicBaseUrl === undefined ? {} : { publicBaseUrl });
    const { rig } = functions;
    const download = Promise.withResolvers<ReturnType<typeof createDownload>>();
    rig.serve(() => download.promise);
    const asked = post(functions, path);
    functions.tire();
    const { status, headers, json } = await asked;
    expect({ status, json }).toEqual({ status: 202, json: { outcome: 'running' } });
    expect(headers['location']).toBe(location);
    expect(headers['retry-after']).toBe('10');
    download.resolve(createDownload(createRows(1)));
    await rig.refresh('caller', rig.log.call);
  });

  it.each([
    ['refresh.published', () => createDownload(createRows(1))],
    ['refresh.failed', failing('UpstreamThrottled')],
  ])('has the %s of a refresh that outlives its 202 logged once', async (event, end) => {
    const functions = createUsageFunctions();
    const { rig } = functions;
    const ends = Promise.withResolvers<void>();
    rig.serve(async () => ends.promise.then(end));
    const asked = post(functions);
    functions.tire();
    const started = await asked;
    expect(started).toMatchObject({ status: 202 });
    const joined = runTimer(functions.timer);
    ends.resolve();
    const logged = { event, requestId: started.invocationId };
    expect((await joined).filter((line) => line.event === event)).toMatchObject([logged]);
    expect((await joined)[0]).not.toHaveProperty('occurredAt');
    expect((await invoke(functions.live, '/api/health/live')).events).toEqual([]);
  });

  it('has the outcome logged by the next invocation when none is running', async () => {
    const functions = createUsageFunctions();
    const { rig } = functions;
    const ends = Promise.withResolvers<void>();
    rig.serve(async () => ends.promise.then(failing('UpstreamThrottled')));
    const asked = post(functions);
    functions.tire();
    const { invocationId: requestId } = await asked;
    ends.resolve();
    while (rig.released() === 0) await setImmediate();
    await setImmediate();
    rig.advanceMinutes(7);
    const { events } = await invoke(functions.live, '/api/health/live');
    expect(events).toMatchObject([
      { event: 'refresh.failed', level: 'error', requestId, occurredAt: '2026-11-20T12:00:00.000Z' },
    ]);
  });

  it.each([
    ['UpstreamUnavailable', '60'],
    ['UpstreamAuthRequired', undefined],
  ] as const)('answers 503 with %s as the reason', async (code, retryAfter) => {
    const functions = createUsageFunctions();
    const { rig } = functions;
    rig.serve(failing(code));
    const { status, headers, json, events } = await post(functions);
    expect({ status, json }).toMatchObject({ status: 503, json: { code: 'RefreshFailed', reason: code } });
    expect(headers['retry-after']).toBe(retryAfter);
    expect(events.map(({ event }) => event)).not.toContain('read.unavailable');
  });

  it('refuses parameters it does not have, and does nothing then', async () => {
    const functions = createUsageFunctions();
    const { rig } = functions;
    expect(await post(functions, '/api/refresh?top=1&force=true')).toMatchObject({
      status: 400,
      json: { code: 'UnknownParameter', errors: [{ parameter: 'top' }, { parameter: 'force' }] },
    });
    expect(rig.memory.operations).toEqual([]);
  });
});

describe('the timer', () => {
  it('lets its own instance answer from the new list at once, while no check of the pointer is due', async () => {
    const functions = createUsageFunctions();
    const { rig, timer, list: handler } = functions;
    await runTimer(timer);
    rig.advanceMinutes(60);
    expect(await invoke(handler, list)).toMatchObject({ json: { totalCount: 4 } });
    rig.serve(() => Promise.resolve(createDownload(createRows(5))));
    rig.advanceMinutes(0.1);
    await runTimer(timer);
    expect(await invoke(handler, list)).toMatchObject({ json: { totalCount: 5 } });
  });
});
