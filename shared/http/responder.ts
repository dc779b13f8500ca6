import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import type { YieldToEventLoop } from '../clock.ts';
import { RefusedError } from '../errors.ts';
import type { SnapshotSource } from '../reading/snapshot-source.ts';
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
    async send(request, representation, { pieces, headers }) {
      const accepted = negotiateCodings(request.headers);
      const maxBytes = accepted.includes('gzip') ? Infinity : uncompressedBytes;
      const body = await collectBody(pieces, maxBytes, yieldToEventLoop);
      const isPlainPreferred =
        accepted[0] === 'identity' || (accepted.includes('identity') && !isWorthCompressing(body));
      const isPlain = isPlainPreferred && body.length <= uncompressedBytes;
      const finished = isPlain
        ? finishBody(representation, headers, 'identity', body)
        : finishBody(representation, headers, 'gzip', await gzipBody(body));
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

/** Whether If-None-Match names the answer's own ETag, compared weakly: only who was given that very answer knows it. */
function matchesEtag(headers: HeaderReader, etag: string): boolean {
  const given = headers.get('if-none-match');
  if (given === null || given === etag) return given !== null;
  const opaqueTag = etag.replace(/^W\//, '');
  return [...given.matchAll(/"[^"]*"/g)].some(([tag]) => tag === opaqueTag);
}

/**
 * Whether any answer (`If-None-Match: *`), or without If-None-Match one of the time in If-Modified-Since, is enough for the caller.
 * Ask only once there is an answer to give: unlike an ETag, neither proves that the caller was ever given one (RFC 9110, 13.2.1).
 */
function isNotModified(headers: HeaderReader, source: SnapshotSource): boolean {
  const ifNoneMatch = headers.get('if-none-match');
  if (ifNoneMatch !== null) return ifNoneMatch.trim() === '*';
  // A date cannot tell that the state got worse, so it counts only while there is nothing to tell.
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

/** Rendering this many flat rows, or this many bytes, takes a few milliseconds. */
const piecesPerTurn = 500;
const bytesPerTurn = 512 * 1024;

/**
 * One body of all pieces, made while other requests are answered in between. Throws RefusedError `TooLargeUncompressed` as soon as there are
 * more than `maxBytes`.
 */
async function collectBody(
  pieces: Iterable<string | Buffer>,
  maxBytes: number,
  yieldToEventLoop: YieldToEventLoop,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  let texts = '';
  let count = 0;
  let turnStart = 0;

  function add(chunk: Buffer): void {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxBytes) throw new RefusedError({ kind: 'TooLargeUncompressed' });
  }

  for (const piece of pieces) {
    if (typeof piece === 'string') texts += piece;
    else {
      if (texts !== '') add(Buffer.from(texts));
      add(piece);
      texts = '';
    }
    count += 1;
    if (count < piecesPerTurn && length - turnStart < bytesPerTurn) continue;
    add(Buffer.from(texts));
    texts = '';
    count = 0;
    turnStart = length;
    await yieldToEventLoop();
  }
  if (texts !== '') add(Buffer.from(texts));
  const [first] = chunks;
  return first !== undefined && first.length === length ? first : Buffer.concat(chunks, length);
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
