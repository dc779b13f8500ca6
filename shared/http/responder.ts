import { LRUCache } from 'lru-cache';
import type { YieldToEventLoop } from '../clock.ts';
import type { SnapshotSource } from '../reading/snapshot-source.ts';
import { collectBody, gzipBody, gzipChunks, makeChunks } from './body.ts';
import { createAnswerCache } from './cache.ts';
import type { FinishedBody } from './cache.ts';
import type { Answer, ApiRequest, HeaderReader } from './message.ts';
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

/** The share of the cache for uncompressed bodies. They are six times longer than compressed ones, and cheaper to make again. */
const plainShare = 0.25;
/** Sending a longer plain body costs more than making it. */
const longestPlainBytes = 128 * 1024;
/** A longer body is compressed while it is made: fewer large buffers make less work for the garbage collector. */
const longestWholeBytes = 1024 * 1024;

/** Creates the responder, which sends every 200 and 304 with content. */
export function createResponder({ cacheBytes, uncompressedBytes, yieldToEventLoop }: ResponderOptions): Responder {
  const plain = createAnswerCache(cacheBytes * plainShare);
  const compressed = createAnswerCache(cacheBytes * (1 - plainShare));
  const sentPlain = new LRUCache<string, true>({ max: 1000 });

  /** The cached body, in the coding that a new body would have. */
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
    async send(request, representation, { pieces, headers }) {
      const accepted = negotiateCodings(request.headers);
      const maxBytes = accepted.includes('gzip') ? Infinity : uncompressedBytes;
      const chunks = makeChunks(pieces, yieldToEventLoop);
      const enough = accepted[0] === 'gzip' ? longestWholeBytes : Infinity;
      const { body, isWhole } = await collectBody(chunks, { maxBytes, enough });
      const isPlainPreferred =
        accepted[0] === 'identity' || (accepted.includes('identity') && !isWorthCompressing(body));
      const isPlain = isPlainPreferred && body.length <= uncompressedBytes;
      const finished = isPlain
        ? finishBody(representation, headers, 'identity', body)
        : finishBody(representation, headers, 'gzip', await (isWhole ? gzipBody(body) : gzipChunks(body, chunks)));
      const { cacheKey } = representation;
      if (cacheKey !== undefined && !isPlain) compressed.set(cacheKey, finished);
      else if (cacheKey !== undefined && body.length <= longestPlainBytes) {
        // A query that is asked only once takes little memory.
        if (!isWorthCompressing(body) || sentPlain.has(cacheKey)) plain.set(cacheKey, finished);
        sentPlain.set(cacheKey, true);
      }
      return answerWith(representation, finished);
    },
  };
}

/** Whether `If-None-Match` contains the answer's own ETag (weak comparison). Only a caller that received this answer knows it. */
function matchesEtag(headers: HeaderReader, etag: string): boolean {
  const given = headers.get('if-none-match');
  if (given === null || given === etag) return given !== null;
  const opaqueTag = etag.replace(/^W\//, '');
  return [...given.matchAll(/"[^"]*"/g)].some(([tag]) => tag === opaqueTag);
}

/**
 * Whether `If-None-Match: *`, or `If-Modified-Since` without `If-None-Match`, allows a 304. Call it only once the request is known to
 * succeed: unlike an ETag, neither proves that the caller has ever received an answer (RFC 9110, 13.2.1).
 */
function isNotModified(headers: HeaderReader, source: SnapshotSource): boolean {
  const ifNoneMatch = headers.get('if-none-match');
  if (ifNoneMatch !== null) return ifNoneMatch.trim() === '*';
  // `If-Modified-Since` cannot reflect a change of state or reason, so it counts only when the state is fresh and there is no reason.
  if (source.state !== 'fresh' || source.reason !== undefined) return false;
  const ifModifiedSince = headers.get('if-modified-since');
  if (ifModifiedSince === null) return false;
  const since = Date.parse(ifModifiedSince);
  return !Number.isNaN(since) && Math.floor(source.info.fetchedAt / 1000) * 1000 <= since;
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

function finishBody(
  { contentType }: Representation,
  headers: Content['headers'],
  coding: Coding,
  bytes: Buffer,
): FinishedBody {
  const common = {
    'content-type': contentType,
    'content-length': String(bytes.length),
    vary: 'Accept, Accept-Encoding',
    ...headers,
  };
  return { bytes, coding, headers: coding === 'gzip' ? { ...common, 'content-encoding': 'gzip' } : common };
}

function answerWith(representation: Representation, { bytes, headers }: FinishedBody): Answer {
  return { status: 200, body: bytes, headers: { ...headers, ...representation.headers } };
}
