import { randomUUID } from 'node:crypto';
import type { Fault, FaultContext, FaultTable } from './faults.ts';
import { slow } from './faults.ts';
import type { Answer, Exchange } from './http.ts';

type Context = FaultContext & { readonly forward: (exchange: Exchange) => Promise<Answer> };

const busy = failing(503, 'ServerBusy', 'The server is busy.');
const forbidden = failing(403, 'AuthorizationPermissionMismatch', 'This request is not authorized.');
const noContainer = failing(404, 'ContainerNotFound', 'The specified container does not exist.');
const noBlob = failing(404, 'BlobNotFound', 'The specified blob does not exist.');
const leased = failing(409, 'LeaseAlreadyPresent', 'There is already a lease present.');
const changedMeanwhile = failing(
  412,
  'ConditionNotMet',
  'The condition specified using HTTP conditional headers is not met.',
);

export const storageFaults: FaultTable<Context> = {
  '403': forbidden,
  'container-missing': noContainer,
  'lease-held': when(({ headers }) => headers['x-ms-lease-action'] === 'acquire', leased),
  '412': when(isConditionalWrite, changedMeanwhile),
  '503': busy,
  slow,
  'corrupt-blob': when(
    isSnapshotRead,
    altered((body) => body.map((byte, at) => (at < 10 ? byte : byte ^ 0x5a))),
  ),
  'foreign-blob': when(
    isSnapshotRead,
    altered((body) => body.fill('this is no gzip\n')),
  ),
  'pointer-newer': when(isPointerRead, newerPointer),
  'pointer-missing-blob': when(isSnapshotRead, noBlob),
};

function when(concerns: (exchange: Exchange) => boolean, fault: Fault<Context>): Fault<Context> {
  return (context) => (concerns(context.exchange) ? fault(context) : undefined);
}

function isConditionalWrite({ method, headers }: Exchange): boolean {
  return method === 'PUT' && (headers['if-match'] !== undefined || headers['if-none-match'] !== undefined);
}

function isSnapshotRead({ method, url }: Exchange): boolean {
  return method === 'GET' && decodeURIComponent(url.pathname).includes('/usage/snapshots/');
}

function isPointerRead({ method, url }: Exchange): boolean {
  return method === 'GET' && url.pathname.endsWith('/usage/current.json');
}

/** Changes what a read brings, at its length, and drops the checksums that would give it away. */
function altered(change: (body: Buffer) => Uint8Array): Fault<Context> {
  return async ({ proceed }) => {
    const answer = await proceed();
    if (answer.status >= 300 || !Buffer.isBuffer(answer.body)) return answer;
    const { 'content-md5': _, 'x-ms-blob-content-md5': __, ...headers } = answer.headers ?? {};
    return { ...answer, headers, body: Buffer.from(change(answer.body)) };
  };
}

/** As if a newer release had written it: another version, and an ETag of its own so that nobody takes it for the old one. */
async function newerPointer({ exchange, forward }: Context): Promise<Answer> {
  const { 'if-none-match': _, ...asked } = exchange.headers;
  const answer = await forward({ ...exchange, headers: asked });
  if (answer.status >= 300) return answer;
  const body = String(answer.body).replace(/"schemaVersion"\s*:\s*\d+/, '"schemaVersion":99');
  const headers = { ...answer.headers, etag: '"0x99"', 'content-length': Buffer.byteLength(body) };
  return { ...answer, headers, body };
}

function failing(status: number, code: string, message: string): Fault<Context> {
  return ({ exchange }) => {
    const requestId = randomUUID();
    const time = new Date().toISOString();
    const text = `${message}\nRequestId:${requestId}\nTime:${time}`;
    const body = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${text}</Message></Error>`;
    const headers = { 'content-type': 'application/xml', 'x-ms-error-code': code, 'x-ms-request-id': requestId };
    return { status, headers, body: exchange.method === 'HEAD' ? '' : body };
  };
}
