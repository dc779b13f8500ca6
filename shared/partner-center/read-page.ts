import { isUtf8 } from 'node:buffer';
import * as z from 'zod';
import { DependencyError } from '../errors.ts';
import type { FailureDetails } from '../errors.ts';
import { ascii } from '../snapshot/json-walk.ts';
import { cutRecords } from '../snapshot/record-lines.ts';
import type { SnapshotBuilder } from '../snapshot/snapshot.ts';
import type { ChunkedWork } from '../turns.ts';
import { readUpstreamIds } from './api-errors.ts';
import type { HttpAnswer } from './http.ts';

/** A link of a Partner Center collection; `headers` must go with it. */
const link = z.looseObject({
  uri: z.string().min(1),
  headers: z
    .array(z.looseObject({ key: z.string(), value: z.string() }))
    .nullish()
    .transform((headers) => headers ?? []),
});

/** The members of a page besides its items. `continuationToken` is not read, because nothing says how to send it back. */
const pageEnvelope = z.looseObject({
  totalCount: z.int().nonnegative().nullish().catch(undefined),
  links: z.looseObject({ next: link.nullish() }).nullish(),
});

export type Link = z.infer<typeof link>;
export type PageEnvelope = z.infer<typeof pageEnvelope>;

/**
 * Adds a page's records to the snapshot under construction and returns the rest of the page. The media type is not checked:
 * what parses is JSON. Throws DependencyError `UpstreamInvalid` with the body as evidence.
 */
export function* readPage(answer: HttpAnswer, builder: SnapshotBuilder): ChunkedWork<PageEnvelope> {
  const contentType = answer.headers['content-type']?.slice(0, 80);
  try {
    const body = convertToUtf8(answer.body, contentType);
    if (body === undefined) throw createInvalid('a page is not in the charset it claims', { reason: 'charset' });
    return yield* addRecords(body, builder);
  } catch (error) {
    if (!(error instanceof DependencyError)) throw error;
    throw new DependencyError(error.code, error.message, {
      cause: error,
      details: { ...error.details, contentType, bytes: answer.body.length, ...readUpstreamIds(answer) },
      evidence: answer.body,
    });
  }
}

/** Reading this many records takes a few milliseconds. */
const recordsPerTurn = 500;

function* addRecords(body: Buffer, builder: SnapshotBuilder): ChunkedWork<PageEnvelope> {
  const records = cutRecords(body);
  let next = records.next();
  for (let record = 0; next.done !== true; record += 1) {
    const line = next.value;
    if (!builder.add(line)) {
      const member = line[0] === ascii.openBrace ? 'resourceId' : undefined;
      const details = { reason: 'schema', member, record };
      throw createInvalid('an item of the list is not a record of a customer', details);
    }
    if (record % recordsPerTurn === 0) yield;
    next = records.next();
  }
  const { envelope, recordCount } = next.value;
  if (recordCount === undefined) throw createInvalid('a page has no items', { reason: 'no-items' });
  const { data, error } = pageEnvelope.safeParse(envelope);
  if (error === undefined) return data;
  // The path holds names of our own schema, never a value.
  const details = { reason: 'schema', member: error.issues[0]?.path.join('.') };
  throw createInvalid('a page is not what the schema says', details);
}

function createInvalid(message: string, details: FailureDetails): DependencyError {
  return new DependencyError('UpstreamInvalid', message, { details });
}

/**
 * The body as UTF-8 without a byte-order mark; Partner Center is known to send UTF-8 and UTF-16 marks. A mark has priority over the
 * `charset` of the content type. `undefined` when the bytes are not in their charset, or the charset is unknown.
 */
function convertToUtf8(body: Buffer, contentType: string | undefined): Buffer | undefined {
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) return checkUtf8(body.subarray(3));
  if (body[0] === 0xff && body[1] === 0xfe) return transcode(body, 'utf-16le');
  if (body[0] === 0xfe && body[1] === 0xff) return transcode(body, 'utf-16be');
  const charset = /;\s*charset="?([^";\s]+)/i.exec(contentType ?? '')?.[1]?.toLowerCase() ?? 'utf-8';
  return charset === 'utf-8' || charset === 'utf8' ? checkUtf8(body) : transcode(body, charset);
}

function checkUtf8(body: Buffer): Buffer | undefined {
  return isUtf8(body) ? body : undefined;
}

function transcode(body: Buffer, charset: string): Buffer | undefined {
  try {
    return Buffer.from(new TextDecoder(charset, { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
