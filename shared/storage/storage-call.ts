import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { BlobClient, BlobRequestConditions, BlockBlobClient, ContainerClient } from '@azure/storage-blob';
import * as z from 'zod';
import type { OperationContext } from '../context.ts';
import { DependencyError, type FailureDetails } from '../errors.ts';

/** Storage refused a call or did not answer it. */
export class StorageError extends DependencyError {
  /** The HTTP status, when there was an answer. */
  readonly status: number | undefined;

  constructor(
    blob: string,
    details: FailureDetails & { readonly status?: number | undefined },
    options?: ErrorOptions,
  ) {
    super('StorageUnavailable', 'blob storage failed', { ...options, details: { blob, ...details } });
    this.status = details.status;
  }
}

type Limits = { readonly blob: string; readonly deadlineMs: number; readonly caller: AbortSignal };

/** Runs one call to storage, limited by a deadline and by the caller's signal. Every failure is a DependencyError `StorageUnavailable`. */
export async function callStorage<T>(limits: Limits, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const deadline = AbortSignal.timeout(limits.deadlineMs);
  try {
    return await call(AbortSignal.any([limits.caller, deadline]));
  } catch (error) {
    throw toStorageError(error, limits, deadline);
  }
}

/** Calls on blobs of a container by name, each limited as `callStorage` limits it. */
export function createBlobCaller(container: () => Promise<ContainerClient>) {
  return function callBlob<T>(
    name: string,
    deadlineMs: number,
    { signal: caller }: OperationContext,
    call: (blob: BlockBlobClient, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return callStorage({ blob: name, deadlineMs, caller }, async (signal) =>
      call((await container()).getBlockBlobClient(name), signal),
    );
  };
}

const restError = z
  .object({
    name: z.literal('RestError'),
    statusCode: z.number().optional(),
    code: z.string().optional(),
    details: z
      .object({ errorCode: z.string().optional(), 'x-ms-request-id': z.string().optional() })
      .optional()
      .catch(undefined),
  })
  .transform(({ statusCode: status, code, details }) => ({
    status,
    errorCode: details?.errorCode ?? code,
    requestId: details?.['x-ms-request-id'],
  }));

/**
 * What the SDK's RestError says, known by its name: importing the class would load the SDK. `undefined` for any other error.
 */
export function parseStorageFailure(error: unknown) {
  return restError.safeParse(error).data;
}

/** Whether If-Match or If-None-Match failed: 412, or 409 for a blob that exists already. */
export function isTaken(error: unknown): boolean {
  const status = parseStorageFailure(error)?.status;
  return status === 409 || status === 412;
}

function toStorageError(error: unknown, { blob, caller }: Limits, deadline: AbortSignal): DependencyError {
  if (error instanceof DependencyError) return error;
  // A RestError is not kept as the cause: it holds the request with its headers and address, and in its message sometimes a body.
  const failure = parseStorageFailure(error);
  if (failure !== undefined) return new StorageError(blob, failure);
  if (caller.reason instanceof DependencyError) return caller.reason;
  if (caller.aborted) return new StorageError(blob, { errorCode: 'Aborted' });
  if (deadline.aborted) return new StorageError(blob, { errorCode: 'Timeout' });
  // The SDK throws an AbortError, with nobody's signal aborted, when the connection breaks inside a body.
  return new StorageError(blob, { errorCode: 'Interrupted' }, { cause: error });
}

export type BlobBody = { readonly body: Buffer; readonly etag: string };

export type BlobBodyOptions = {
  /** Where to begin; the first byte unless given. */
  readonly offset?: number;
  /** The most bytes to download: a foreign blob of any size must not fill the memory. */
  readonly maxBytes: number;
  readonly abortSignal: AbortSignal;
  readonly conditions?: BlobRequestConditions;
};

// The SDK types all of them as optional; Node's side of it always fills them in.
const download = z.object({
  etag: z.string(),
  contentLength: z.number(),
  readableStreamBody: z.instanceof(Readable),
});

/** Downloads a blob in one request into one buffer, cut off at `maxBytes`; throws what the SDK throws. */
export async function downloadBody(blob: BlobClient, options: BlobBodyOptions): Promise<BlobBody> {
  try {
    return await downloadOnce(blob, options);
  } catch (error) {
    // The SDK repeats requests, but takes a connection that breaks inside a body for an abort.
    const isBroken = error instanceof Error && error.name === 'AbortError' && !options.abortSignal.aborted;
    if (isBroken) return downloadOnce(blob, options);
    // An empty blob has no first byte to ask for (RFC 9110 section 15.5.17).
    if (parseStorageFailure(error)?.status === 416) return emptyBody(blob, options);
    throw error;
  }
}

async function downloadOnce(blob: BlobClient, options: BlobBodyOptions): Promise<BlobBody> {
  const { offset = 0, maxBytes, abortSignal, conditions = {} } = options;
  const response = await blob.download(offset, maxBytes, { abortSignal, conditions });
  const { etag, contentLength, readableStreamBody } = download.parse(response);
  return { body: await collect(readableStreamBody, contentLength), etag };
}

async function collect(stream: Readable, contentLength: number): Promise<Buffer> {
  const body = Buffer.allocUnsafe(contentLength);
  await pipeline(stream, async (chunks: AsyncIterable<Uint8Array>) => {
    let offset = 0;
    for await (const chunk of chunks) {
      body.set(chunk, offset);
      offset += chunk.length;
    }
  });
  return body;
}

async function emptyBody(blob: BlobClient, { abortSignal }: BlobBodyOptions): Promise<BlobBody> {
  const { etag } = await blob.getProperties({ abortSignal });
  return { body: Buffer.alloc(0), etag: z.string().parse(etag) };
}
