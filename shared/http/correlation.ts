import type { HeaderReader } from './request.ts';

export type Correlation = {
  /** A GUID: travels to Partner Center as `MS-CorrelationId`. */
  readonly correlationId: string;
  /** The caller's own, when it is well-formed. */
  readonly traceparent: string | undefined;
};

const guid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
// W3C Trace Context, section 3.2: version, trace-id, parent-id, flags; all zeros are invalid.
const traceparentForm = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Ids from outside are taken only in their own narrow alphabet, so that nothing a caller writes reaches a log or a header as it is. */
export function readCorrelation(headers: HeaderReader, invocationId: string): Correlation {
  const given = headers.get('ms-correlationid') ?? '';
  const traceparent = headers.get('traceparent') ?? '';
  const traceId = traceparentForm.exec(traceparent)?.[1];
  return {
    correlationId: guid.test(given) ? given.toLowerCase() : traceId === undefined ? invocationId : guidOf(traceId),
    traceparent: traceId === undefined ? undefined : traceparent,
  };
}

function guidOf(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
