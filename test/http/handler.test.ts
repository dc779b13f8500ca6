import { describe, expect, it } from 'vitest';
import { RefusedError } from '../../shared/errors.ts';
import { jsonAnswer } from '../../shared/http/message.ts';
import { createAuthorise } from '../../shared/http/caller.ts';
import { createHttpHandler } from '../../shared/http/handler.ts';
import type { RequestHandler } from '../../shared/http/handler.ts';
import { createInvocationLogs } from '../../shared/http/invocation-log.ts';
import { invoke } from '../support/functions/invocation.ts';

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

function handlerOf(handle: RequestHandler) {
  return createHttpHandler({
    handle,
    access: 'anybody',
    authorise: createAuthorise('entra'),
    getSnapshotStatus: () => undefined,
    publicBaseUrl: undefined,
    logs: createInvocationLogs(() => 1000),
  });
}

/** A handler whose route throws this. */
function throwing(error: unknown) {
  return handlerOf(async () => {
    throw error;
  });
}

describe('createHttpHandler', () => {
  it('gives the route the URL as received, route values, headers and a call with its ids', async () => {
    const handler = handlerOf(async ({ url, params, headers, requestId, context }) => {
      const query = [...url.searchParams];
      const isLive = !context.signal.aborted;
      return jsonAnswer(200, {
        query,
        params,
        given: headers.get('x-given'),
        requestId,
        id: context.correlationId,
        isLive,
      });
    });
    const answer = await invoke(handler, '/api/x?a=1&A=2&a=3', {
      headers: { 'X-Given': 'yes', traceparent },
      params: { customerId: '7' },
    });
    expect(answer.json).toEqual({
      query: [
        ['a', '1'],
        ['A', '2'],
        ['a', '3'],
      ],
      params: { customerId: '7' },
      given: 'yes',
      requestId: answer.invocationId,
      id: '4bf92f35-77b3-4da6-a3ce-929d0e0e4736',
      isLive: true,
    });
    expect(answer.headers).toMatchObject({ traceparent, 'ms-correlationid': '4bf92f35-77b3-4da6-a3ce-929d0e0e4736' });
  });

  it('logs nothing for a request that is answered, or refused for what it asks', async () => {
    expect(
      (
        await invoke(
          handlerOf(async () => jsonAnswer(200, {})),
          '/api/x',
        )
      ).events,
    ).toEqual([]);
    expect((await invoke(throwing(new RefusedError({ kind: 'CustomerNotFound' })), '/api/x')).events).toEqual([]);
  });

  it.each([
    ['an Error', new TypeError('customer Contoso owes 17.23'), 'TypeError'],
    ['a text', 'customer Contoso owes 17.23', 'string'],
    ['an Error without a stack', Object.assign(new Error('Contoso'), { stack: undefined }), 'Error'],
  ])('answers 500 for %s and logs its kind and place, but not its text', async (_case, error, kind) => {
    const answer = await invoke(throwing(error), '/api/x');
    expect(answer).toMatchObject({
      status: 500,
      headers: { 'content-type': 'application/json; charset=utf-8', 'x-ms-error-code': 'InternalError' },
      json: { code: 'InternalError', instance: answer.invocationId },
    });
    expect(answer.events).toContainEqual(
      expect.objectContaining({ level: 'error', event: 'request.failed', error: kind }),
    );
    expect(JSON.stringify(answer)).not.toContain('Contoso');
  });

  it('says where an Error was thrown', async () => {
    const { events } = await invoke(throwing(new RangeError('x')), '/api/x');
    expect(events[0]).toMatchObject({ at: expect.stringMatching(/^at .*handler\.test\.ts/) });
  });
});

describe('the ids of a request', () => {
  const correlationId = '0B7C1D52-3B0E-4A5E-9F6F-2F6B6F4F1A11';
  const traceId = '4bf92f35-77b3-4da6-a3ce-929d0e0e4736';

  it.each<[what: string, headers: Record<string, string>, id: string | undefined, trace: string | undefined]>([
    ['nothing', {}, undefined, undefined],
    ['MS-CorrelationId', { 'ms-correlationid': correlationId }, correlationId.toLowerCase(), undefined],
    ['traceparent', { traceparent }, traceId, traceparent],
    ['both', { 'ms-correlationid': correlationId, traceparent }, correlationId.toLowerCase(), traceparent],
    ['an id with more behind it', { 'ms-correlationid': `${correlationId}%0A` }, undefined, undefined],
    ['an id that is no GUID', { 'ms-correlationid': 'job 7' }, undefined, undefined],
    ['a trace id of zeros', { traceparent: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01` }, undefined, undefined],
    [
      'a parent id of zeros',
      { traceparent: traceparent.replace('00f067aa0ba902b7', '0'.repeat(16)) },
      undefined,
      undefined,
    ],
    ['an upper-case trace id', { traceparent: traceparent.toUpperCase() }, undefined, undefined],
  ])('given %s are only what is well-formed', async (_what, headers, id, trace) => {
    const handler = handlerOf(async ({ context }) => jsonAnswer(200, { id: context.correlationId }));
    const answer = await invoke(handler, '/api/x', { headers });
    expect(answer.json).toEqual({ id: id ?? answer.invocationId });
    expect(answer.headers['ms-correlationid']).toBe(id ?? answer.invocationId);
    expect(answer.headers['traceparent']).toBe(trace);
  });
});
