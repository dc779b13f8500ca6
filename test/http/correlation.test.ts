import { describe, expect, it } from 'vitest';
import { readCorrelation } from '../../shared/http/correlation.ts';

const invocationId = '11111111-2222-4333-8444-555555555555';
const correlationId = '0B7C1D52-3B0E-4A5E-9F6F-2F6B6F4F1A11';
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('readCorrelation', () => {
  it.each([
    ['nothing', {}, invocationId, undefined],
    ['MS-CorrelationId', { 'ms-correlationid': correlationId }, correlationId.toLowerCase(), undefined],
    ['traceparent', { traceparent }, '4bf92f35-77b3-4da6-a3ce-929d0e0e4736', traceparent],
    ['both', { 'ms-correlationid': correlationId, traceparent }, correlationId.toLowerCase(), traceparent],
    ['an id with a line feed', { 'ms-correlationid': `${correlationId}\n` }, invocationId, undefined],
    ['an id that is no GUID', { 'ms-correlationid': 'job 7' }, invocationId, undefined],
    ['a trace id of zeros', { traceparent: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01` }, invocationId, undefined],
    [
      'a parent id of zeros',
      { traceparent: traceparent.replace('00f067aa0ba902b7', '0'.repeat(16)) },
      invocationId,
      undefined,
    ],
    ['an upper-case trace id', { traceparent: traceparent.toUpperCase() }, invocationId, undefined],
  ])('given %s takes only what is well-formed', (_case, headers, expectedId, expectedTraceparent) => {
    expect(readCorrelation(new Headers(sanitised(headers)), invocationId)).toEqual({
      correlationId: expectedId,
      traceparent: expectedTraceparent,
    });
  });
});

/** Headers of the platform refuse a line feed, which the host may still pass on. */
function sanitised(headers: Record<string, string>): [string, string][] {
  return Object.entries(headers).map(([name, value]) => [name, value.replace('\n', '%0A')]);
}
