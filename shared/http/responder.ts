import { LRUCache } from 'lru-cache';
import type { YieldToEventLoop } from '../clock.ts';
import { collectBody, gzipBody } from './body.ts';
import { isNotModified, matchesEtag } from './etag.ts';
import type { Answer, ApiRequest } from './message.ts';
import { negotiateCodings } from './negotiation.ts';
import type { Coding } from './negotiation.ts';
import type { Representation } from './representation.ts';

type Request = Pick<ApiRequest, 'method' | 'headers'>;

/** The pieces of a body, and the headers that are known only after rendering. */
type Content = { readonly pieces: Iterable<string | Buffer>; readonly headers?: Readonly<Record<string, string>> };

/** Sends representations. Call its methods in this order, so that no body is built that is not sent. */
export type Responder = {
  /** 304 for a caller that has the representation, or 200 with its cached body. */
  reuse(request: Request, representation: Representation): Answer | undefined;
  /** 304 if `If-Modified-Since` or `If-None-Match: *` matches; for HEAD a 200 without a body. Call only when the request is known to succeed. */
  answerWithoutBody(request: Request, representation: Representation): Answer | undefined;
  /** 200 with the body, compressed when the caller takes gzip and it pays. Throws RefusedError `NotAcceptable` or `TooLargeUncompressed`. */
  send(request: Request, representation: Representation, content: Content): Promise<Answer>;
};

export type ResponderOptions = {
  /** How many bytes of finished bodies are cached. */
  readonly cacheBytes: number;
  /** The longest body that goes out uncompressed. */
  readonly uncompressedBytes: number;
  readonly yieldToEventLoop: YieldToEventLoop;
};

/** What plain bodies get of the cache. They are six times longer than compressed ones, and cheaper to make again. */
const plainShare = 0.25;
/** Sending a longer plain body costs more than making it. */
const longestPlainBytes = 128 * 1024;

/** Creates the responder, which sends every 200 and 304 with content. */
export function createResponder({ cacheBytes, uncompressedBytes, yieldToEventLoop }: ResponderOptions): Responder {
  const plain = createAnswerCache(cacheBytes * plainShare);
  const compressed = createAnswerCache(cacheBytes * (1 - plainShare));
  const sentPlain = new LRUCache<string, true>({ max: 1000 });

  /** A cached body in the coding that the caller would get of a new one. */
  function findBody(cacheKey: string, accepted: readonly Coding[]): FinishedBody | undefined {
    const body = accepted[0] === 'gzip' ? compressed.get(cacheKey) : undefined;
    if (body !== undefined || !accepted.includes('identity')) return body;
    const found = plain.get(cacheKey);
    return found !== undefined && accepted[0] === 'gzip' && isWorthCompressing(found.bytes) ? undefined : found;
  }

  return {
    reuse(request, representation) {
      const { etag, headers, cacheKey } = representation;
      if (etag !== undefined && matchesEtag(request.headers, etag)) return { status: 304, headers };
      const cached = cacheKey === undefined ? undefined : findBody(cacheKey, negotiateCodings(request.headers));
      if (cached === undefined) return undefined;
      return answerWithoutBody(request, representation) ?? answerWith(representation, cached);
    },
    answerWithoutBody,
    async send(request, representation, { pieces, headers = {} }) {
      const accepted = negotiateCodings(request.headers);
      const maxBytes = accepted.includes('gzip') ? Infinity : uncompressedBytes;
      const body = await collectBody(pieces, maxBytes, yieldToEventLoop);
      const isPlainPreferred =
        accepted[0] === 'identity' || (accepted.includes('identity') && !isWorthCompressing(body));
      const coding: Coding = isPlainPreferred && body.length <= uncompressedBytes ? 'identity' : 'gzip';
      const finished = { coding, headers, bytes: coding === 'gzip' ? await gzipBody(body) : body };
      const { cacheKey } = representation;
      if (cacheKey !== undefined && coding === 'gzip') compressed.set(cacheKey, finished);
      else if (cacheKey !== undefined && body.length <= longestPlainBytes) {
        // A query that is asked only once takes little memory.
        if (!isWorthCompressing(body) || sentPlain.has(cacheKey)) plain.set(cacheKey, finished);
        sentPlain.set(cacheKey, true);
      }
      return answerWith(representation, finished);
    },
  };
}

function answerWithoutBody({ method, headers: given }: Request, representation: Representation): Answer | undefined {
  const { contentType, headers, source } = representation;
  if (source !== undefined && isNotModified(given, source)) return { status: 304, headers };
  if (method !== 'HEAD') return undefined;
  return { status: 200, headers: { 'content-type': contentType, vary: 'Accept, Accept-Encoding', ...headers } };
}

/** Below 1 kB gzip saves less than a packet: 541 bytes become 392, 1086 become 508. */
function isWorthCompressing(body: Buffer): boolean {
  return body.length >= 1024;
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
      const { bytes } = body;
      // A buffer may be a small part of a large one, all of which it would keep.
      const isPart = bytes.length < bytes.buffer.byteLength;
      bodies.set(key, isPart ? { ...body, bytes: Buffer.from(new Uint8Array(bytes).buffer) } : body);
    },
  };
}
