import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { RefusedError } from '../errors.ts';
import type { ServedSnapshot } from '../refresh/snapshot-reader.ts';
import type { Answer, ApiRequest } from './message.ts';
import { isNotModified, matchesEtag } from './etag.ts';
import { negotiateCodings } from './negotiation.ts';
import type { Coding } from './negotiation.ts';
import { LRUCache } from 'lru-cache';

/** The headers, ETag and cache key of a 200, computed before its body. */
export type Representation = {
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly etag?: string;
  /** The snapshot it is made from. */
  readonly served?: ServedSnapshot;
  /** Where its body is cached; without it the body is made for each request. */
  readonly cacheKey?: string;
};

type Request = Pick<ApiRequest, 'method' | 'headers'>;

/** A finished body, and the headers that are known only after rendering. */
type Content = { readonly body: Buffer; readonly headers?: Readonly<Record<string, string>> };

/** Sends representations. Call its methods in this order, so that no body is built that is not sent. */
export type Responder = {
  /** 304 for a caller that has the representation, or 200 with its cached body. */
  reuse(request: Request, representation: Representation): Answer | undefined;
  /** 304 if `If-Modified-Since` or `If-None-Match: *` matches; for HEAD a 200 without a body. Call only when the request is known to succeed. */
  answerWithoutBody(request: Request, representation: Representation): Answer | undefined;
  /** How long a body may be for this caller; Infinity for one that takes gzip. Throws RefusedError `NotAcceptable`. */
  getMaxBytes(request: Request): number;
  /** 200 with the body, compressed when the caller takes gzip and it pays. Throws RefusedError `NotAcceptable` or `TooLargeUncompressed`. */
  send(request: Request, representation: Representation, content: Content): Promise<Answer>;
};

export type ResponderOptions = {
  /** How many bytes of finished bodies are cached. */
  readonly cacheBytes: number;
  /** The longest body that goes out uncompressed. */
  readonly uncompressedBytes: number;
};

/** Below this gzip saves less than a packet: 541 bytes become 392, 1086 become 508. */
const worthCompressingBytes = 1024;

/** Creates the responder, which sends every 200 and 304 with content. */
export function createResponder({ cacheBytes, uncompressedBytes }: ResponderOptions): Responder {
  const cache = createAnswerCache(cacheBytes);

  return {
    reuse(request, representation) {
      const { etag, headers, cacheKey } = representation;
      if (etag !== undefined && matchesEtag(request.headers, etag)) return { status: 304, headers };
      const cached = cacheKey === undefined ? undefined : cache.get(cacheKey);
      if (cached === undefined || !suits(cached.coding, negotiateCodings(request.headers))) return undefined;
      return answerWithoutBody(request, representation) ?? answerWith(representation, cached);
    },
    answerWithoutBody,
    getMaxBytes({ headers }) {
      return negotiateCodings(headers).includes('gzip') ? Infinity : uncompressedBytes;
    },
    async send(request, representation, { body, headers = {} }) {
      const usual: Coding = body.length < worthCompressingBytes ? 'identity' : 'gzip';
      const coding = chooseCoding(body.length, usual, negotiateCodings(request.headers), uncompressedBytes);
      const finished = { coding, headers, bytes: coding === 'gzip' ? await gzipBody(body) : body };
      // Only the coding that most callers accept is cached.
      if (representation.cacheKey !== undefined && coding === usual) cache.set(representation.cacheKey, finished);
      return answerWith(representation, finished);
    },
  };
}

function answerWithoutBody({ method, headers: given }: Request, representation: Representation): Answer | undefined {
  const { contentType, headers, served } = representation;
  if (served !== undefined && isNotModified(given, served)) return { status: 304, headers };
  if (method !== 'HEAD') return undefined;
  return { status: 200, headers: { 'content-type': contentType, vary: 'Accept, Accept-Encoding', ...headers } };
}

function suits(coding: Coding, accepted: readonly Coding[]): boolean {
  return coding === 'gzip' ? accepted[0] === 'gzip' : accepted.includes('identity');
}

function chooseCoding(length: number, usual: Coding, accepted: readonly Coding[], uncompressedBytes: number): Coding {
  const isPlainPreferred = accepted[0] === 'identity' || (usual === 'identity' && accepted.includes('identity'));
  if (!isPlainPreferred) return 'gzip';
  if (length <= uncompressedBytes) return 'identity';
  if (accepted.includes('gzip')) return 'gzip';
  throw new RefusedError({ kind: 'TooLargeUncompressed' });
}

function answerWith({ contentType, headers }: Representation, finished: FinishedBody): Answer {
  return {
    status: 200,
    body: finished.bytes,
    headers: {
      'content-type': contentType,
      'content-length': String(finished.bytes.length),
      vary: 'Accept, Accept-Encoding',
      ...headers,
      ...finished.headers,
      ...(finished.coding === 'gzip' ? { 'content-encoding': 'gzip' } : {}),
    },
  };
}

const gzipAsync = promisify(gzip);
const longestChunkBytes = 1024 * 1024;
const shortestChunkBytes = 1024;

/**
 * Compresses a body off the main thread. Measured on generated lists, ms and size by level 1, 2, 6: 50 records (27 kB) 0.29, 0.26,
 * 0.84 ms and 18.6, 18.4, 17.8 %; 1000 records (543 kB) 5.5, 5.4, 9.0 ms and 17.3, 17.1, 16.5 %.
 */
async function gzipBody(body: Buffer): Promise<Buffer> {
  const chunkSize = Math.max(shortestChunkBytes, Math.min(body.length, longestChunkBytes));
  return gzipAsync(body, { level: 2, chunkSize });
}

/** A body as it is sent, and the headers that are known only after rendering. */
type FinishedBody = {
  readonly bytes: Buffer;
  readonly coding: Coding;
  readonly headers: Readonly<Record<string, string>>;
};

export type AnswerCache = {
  get(key: string): FinishedBody | undefined;
  set(key: string, body: FinishedBody): void;
};

/** What an entry costs besides its bytes and its key: a guess at the objects around them. */
const entryBytes = 256;

/** Finished bodies, at most `maxBytes` of them: the least recently used go first. */
export function createAnswerCache(maxBytes: number): AnswerCache {
  if (maxBytes === 0) return { get: () => undefined, set: () => undefined };
  const bodies = new LRUCache<string, FinishedBody>({
    maxSize: maxBytes,
    // A string of Latin letters takes a byte each; any other takes two.
    sizeCalculation: ({ bytes }, key) => entryBytes + 2 * key.length + bytes.length,
  });
  return {
    get: (key) => bodies.get(key),
    set(key, body) {
      // A buffer may be a small part of a large one, all of which it would keep.
      bodies.set(key, { ...body, bytes: Buffer.alloc(body.bytes.length, body.bytes) });
    },
  };
}

/** The key of a body: all that it says of the snapshot, its canonical address, and its representation. */
export function buildCacheKey(served: ServedSnapshot, address: string, representation: string): string {
  const { info, state, reason = '' } = served;
  return `${info.contentHash} ${info.fetchedAt} ${state} ${reason} ${representation} ${address}`;
}
