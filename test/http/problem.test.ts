import { describe, expect, it } from 'vitest';
import { DependencyError, RefusedError } from '../../shared/errors.ts';
import type { RequestRefusal } from '../../shared/errors.ts';
import { problemAnswer, toProblem } from '../../shared/http/problem.ts';

const requestId = '11111111-2222-4333-8444-555555555555';
const range = { parameter: 'minPercentUsed', code: 'InvalidRange', detail: 'above maxPercentUsed' } as const;
const unknown = {
  parameter: 'minPercent',
  code: 'UnknownParameter',
  detail: 'unknown parameter; did you mean `minPercentUsed`?',
} as const;

function answerOf(error: unknown) {
  const { status, headers, body } = problemAnswer(toProblem(error), {
    requestId,
    headers: new Headers(),
    snapshotStatus: undefined,
  });
  const members: unknown = JSON.parse(String(body));
  return { status, headers, body: members };
}

function refused(refusal: RequestRefusal): RefusedError {
  return new RefusedError(refusal);
}

describe('a problem answer', () => {
  it('is an RFC 9457 body whose code stands in x-ms-error-code too', () => {
    expect(answerOf(refused({ kind: 'CustomerNotFound' }))).toEqual({
      status: 404,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'content-length': '279',
        'cache-control': 'no-store',
        'x-ms-error-code': 'CustomerNotFound',
      },
      body: {
        type: 'urn:partner-usage-api:problem:CustomerNotFound',
        title: 'This customer has no usage record',
        status: 404,
        instance: requestId,
        code: 'CustomerNotFound',
        detail: 'Check the id. A customer without an Azure plan or subscription has no record.',
      },
    });
  });

  it('lists every mistake of a request, under their own code when it is one', () => {
    expect(answerOf(refused({ kind: 'InvalidRequest', problems: [range] })).body).toMatchObject({
      code: 'InvalidRange',
      errors: [range],
    });
    expect(answerOf(refused({ kind: 'InvalidRequest', problems: [range, unknown] }))).toMatchObject({
      status: 400,
      body: {
        code: 'InvalidRequest',
        errors: [range, unknown],
        detail: 'minPercentUsed: above maxPercentUsed; minPercent: unknown parameter; did you mean `minPercentUsed`?',
      },
    });
  });

  it.each([
    [refused({ kind: 'CacheEmpty', reason: 'UpstreamThrottled', retryAfterMs: 57_001 }), 'CacheEmpty', '58'],
    [refused({ kind: 'SnapshotExpired', reason: undefined, retryAfterMs: 0 }), 'SnapshotExpired', '1'],
    [new DependencyError('StorageUnavailable', 'down'), 'StorageUnavailable', '5'],
  ])('answers 503 with Retry-After in whole seconds for %s', (error, code, retryAfter) => {
    const answer = answerOf(error);
    expect(answer).toMatchObject({ status: 503, body: { code } });
    expect(answer.headers['retry-after']).toBe(retryAfter);
  });

  it('says why there is no data, as far as it is known', () => {
    expect(
      answerOf(refused({ kind: 'CacheEmpty', reason: 'UpstreamAuthRequired', retryAfterMs: 1 })).body,
    ).toMatchObject({
      reason: 'UpstreamAuthRequired',
    });
  });

  it('answers 410 and 406 with what to do next', () => {
    expect(answerOf(refused({ kind: 'CursorExpired' }))).toMatchObject({
      status: 410,
      body: { code: 'CursorExpired' },
    });
    expect(
      answerOf(refused({ kind: 'NotAcceptable', header: 'Accept', available: ['application/json'] })),
    ).toMatchObject({
      status: 406,
      body: { code: 'NotAcceptable', detail: 'Send no Accept header, or one that takes application/json.' },
    });
  });

  it('answers 401 with a challenge, 403 with the role, and says nothing more of the caller', () => {
    for (const reason of ['principal-missing', 'principal-malformed'] as const) {
      const answer = answerOf(refused({ kind: 'CallerRefused', reason, role: 'Usage.Read' }));
      expect(answer).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } });
      expect(answer.body).toEqual({
        type: 'urn:partner-usage-api:problem:Unauthenticated',
        title: 'The caller is not authenticated',
        status: 401,
        instance: requestId,
        code: 'Unauthenticated',
        detail: 'Send an Entra token for this service in the header Authorization.',
      });
    }
    const forbidden = answerOf(refused({ kind: 'CallerRefused', reason: 'role-missing', role: 'Usage.Refresh' }));
    expect(forbidden).toMatchObject({
      status: 403,
      body: { code: 'Forbidden', detail: 'Ask an administrator to grant the app role Usage.Refresh.' },
    });
    expect(forbidden.headers['www-authenticate']).toBeUndefined();
  });

  it('answers 406 with what to do about a large answer', () => {
    expect(answerOf(refused({ kind: 'TooLargeUncompressed' }))).toMatchObject({
      status: 406,
      body: {
        code: 'TooLargeUncompressed',
        detail: 'Send Accept-Encoding: gzip, or ask for less: maxpagesize, top or filters.',
      },
    });
  });

  it.each([new Error('password=hunter2'), 'hunter2', new DependencyError('UpstreamForbidden', 'hunter2')])(
    'tells nothing of an unknown failure',
    (error) => {
      const answer = answerOf(error);
      expect(answer).toMatchObject({ status: 500, body: { code: 'InternalError' } });
      expect(JSON.stringify(answer)).not.toContain('hunter2');
    },
  );
});
