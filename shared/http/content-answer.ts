import { TooLargeUncompressedError } from '../errors.ts';
import { createSingleFlight } from '../single-flight.ts';
import { bodyAnswer } from './answer.ts';
import type { Answer } from './answer.ts';
import { acceptedCodingsOf, gzipBody } from './content-coding.ts';
import type { Coding } from './content-coding.ts';
import type { ApiRequest } from './handler.ts';
import { createKeptAnswers } from './kept-answers.ts';
import type { CodedBody, KeptUnder } from './kept-answers.ts';

/** A body to be: how long it will be is known before it is made. */
export type Content = { readonly byteLength: number; readonly bytes: () => Buffer };

/** A body that is there already, because its length shows only when it is made. */
export function readyContent(bytes: Buffer): Content {
  return { byteLength: bytes.length, bytes: () => bytes };
}

type ContentToAnswer = {
  readonly apiRequest: Pick<ApiRequest, 'method' | 'headers' | 'call'>;
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Where the body is kept; without it one is made for each request. */
  readonly under?: KeptUnder;
  /** Asked only when no kept body will do; what it throws becomes the answer. */
  readonly content: () => Content;
};

/**
 * The 200 of every route with a body of content: compressed when the caller takes gzip and it pays, kept for the next who asks
 * the same. Throws NotAcceptableError, and TooLargeUncompressedError for a caller that takes no gzip.
 */
export type ContentAnswer = (asked: ContentToAnswer) => Promise<Answer>;

export type ContentAnswerOptions = {
  /** How many bytes of ready bodies are kept in memory. */
  readonly keptBytes: number;
  /** The longest body that goes out uncompressed. */
  readonly uncompressedBytes: number;
};

/** Below this gzip saves less than a packet: 541 bytes become 392, 1086 become 508. */
const worthCompressingBytes = 1024;

/** Builds the one way out for content. */
export function createContentAnswer({ keptBytes, uncompressedBytes }: ContentAnswerOptions): ContentAnswer {
  const kept = createKeptAnswers(keptBytes);
  const shareCompression = createSingleFlight<Buffer>();

  async function bytesOf({ apiRequest, under }: ContentToAnswer, content: Content, coding: Coding): Promise<Buffer> {
    if (coding === 'identity') return content.bytes();
    if (under === undefined) return gzipBody(content.bytes());
    const key = `${under.version} ${under.key}`;
    return shareCompression(key, () => gzipBody(content.bytes()), apiRequest.call.signal);
  }

  return async function contentAnswer(asked) {
    const { apiRequest, under } = asked;
    const codings = acceptedCodingsOf(apiRequest.headers);
    const isHead = apiRequest.method === 'HEAD';
    const ready = under && kept.find(under);
    if (ready !== undefined && suits(ready, codings)) return answerOf(asked, ready);

    const content = asked.content();
    const usual: Coding = content.byteLength < worthCompressingBytes ? 'identity' : 'gzip';
    const coding = codingFor(content.byteLength, usual, codings, isHead ? Infinity : uncompressedBytes);
    if (isHead) return answerOf(asked, { bytes: Buffer.alloc(0), coding });
    const body = { bytes: await bytesOf(asked, content, coding), coding };
    // One body for each request is enough: the one that most callers get.
    if (under !== undefined && coding === usual) kept.keep(under, body);
    return answerOf(asked, body);
  };
}

function suits({ coding }: CodedBody, codings: readonly Coding[]): boolean {
  return coding === 'gzip' ? codings[0] === 'gzip' : codings.includes('identity');
}

function codingFor(byteLength: number, usual: Coding, codings: readonly Coding[], uncompressedBytes: number): Coding {
  const isPlainLiked = codings[0] === 'identity' || (usual === 'identity' && codings.includes('identity'));
  if (!isPlainLiked) return 'gzip';
  if (byteLength <= uncompressedBytes) return 'identity';
  if (codings.includes('gzip')) return 'gzip';
  throw new TooLargeUncompressedError();
}

function answerOf({ contentType, headers }: ContentToAnswer, { bytes, coding }: CodedBody): Answer {
  return bodyAnswer(200, contentType, bytes, {
    vary: 'Accept, Accept-Encoding',
    ...headers,
    ...(coding === 'gzip' ? { 'content-encoding': 'gzip' } : {}),
  });
}
