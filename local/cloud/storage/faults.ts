import { randomUUID } from 'node:crypto';
import { type Fault, type FaultContext, type FaultTable, slow } from '../faults.ts';
import type { Answer, Exchange } from '../http.ts';

type Context = FaultContext & { readonly forward: (exchange: Exchange) => Promise<Answer> };

const conditionNotMet = 'The condition specified using HTTP conditional headers is not met.';

export const storageFaults: FaultTable<Context> = {
  '403': refuse(403, 'AuthorizationPermissionMismatch', 'This request is not authorized.'),
  'container-missing': refuse(404, 'ContainerNotFound', 'The specified container does not exist.'),
  'lease-held': when(
    ({ headers }) => headers['x-ms-lease-action'] === 'acquire',
    refuse(409, 'LeaseAlreadyPresent', 'There is already a lease present.'),
  ),
  '412': when(isConditionalWrite, refuse(412, 'ConditionNotMet', conditionNotMet)),
  '503': refuse(503, 'ServerBusy', 'The server is busy.'),
  slow,
  'corrupt-blob': when(
    isSnapshotRead,
    changeBody((body) => body.map((byte, at) => (at < 10 ? byte : byte ^ 0x5a))),
  ),
  'foreign-blob': when(
    isSnapshotRead,
    changeBody((body) => body.fill('this is no gzip\n')),
  ),
  'pointer-newer': when(isPointerRead, raisePointerVersion),
  'pointer-missing-blob': when(isSnapshotRead, refuse(404, 'BlobNotFound', 'The specified blob does not exist.')),
};

function when(matches: (exchange: Exchange) => boolean, fault: Fault<Context>): Fault<Context> {
  return (context) => (matches(context.exchange) ? fault(context) : undefined);
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

/** Changes the body of a read without its length, and drops the checksums that would reveal it. */
function changeBody(change: (body: Buffer) => Uint8Array): Fault<Context> {
  return async ({ proceed }) => {
    const answer = await proceed();
    if (answer.status >= 300 || !Buffer.isBuffer(answer.body)) return answer;
    const { 'content-md5': _, 'x-ms-blob-content-md5': __, ...headers } = answer.headers ?? {};
    return { ...answer, headers, body: Buffer.from(change(answer.body)) };
  };
}

/** The pointer as a newer release would write it: another version, under an ETag of its own so no cached one matches. */
async function raisePointerVersion({ exchange, forward }: Context): Promise<Answer> {
  const { 'if-none-match': _, ...headers } = exchange.headers;
  const answer = await forward({ ...exchange, headers });
  if (answer.status >= 300) return answer;
  const body = String(answer.body).replace(/"schemaVersion"\s*:\s*\d+/, '"schemaVersion":99');
  return {
    ...answer,
    headers: { ...answer.headers, etag: '"0x99"', 'content-length': Buffer.byteLength(body) },
    body,
  };
}

function refuse(status: number, code: string, message: string): Fault<Context> {
  return ({ exchange }) => {
    const requestId = randomUUID();
    const text = `${message}\nRequestId:${requestId}\nTime:${new Date().toISOString()}`;
    const body = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${text}</Message></Error>`;
    const headers = { 'content-type': 'application/xml', 'x-ms-error-code': code, 'x-ms-request-id': requestId };
    return { status, headers, body: exchange.method === 'HEAD' ? '' : body };
  };
}
