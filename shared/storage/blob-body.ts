import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { BlobClient, BlobRequestConditions } from '@azure/storage-blob';
import * as z from 'zod';
import { parseStorageFailure } from './storage-call.ts';

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
