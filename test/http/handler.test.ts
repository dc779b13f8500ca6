import { describe, expect, it } from 'vitest';
import { RefusedError } from '../../shared/errors.ts';
import { jsonAnswer } from '../../shared/http/answer.ts';
import { createAuthorise } from '../../shared/http/caller.ts';
import { createHttpHandler } from '../../shared/http/handler.ts';
import type { RequestHandler } from '../../shared/http/handler.ts';
import { createRunWithLog } from '../../shared/http/invocation-log.ts';
import { invoke } from '../support/invocation.ts';

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

function handlerOf(answer: RequestHandler) {
  return createHttpHandler({
    answer,
    access: 'anybody',
    authorise: createAuthorise('entra'),
    getHeld: () => undefined,
    runWithLog: createRunWithLog(() => 1000),
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
