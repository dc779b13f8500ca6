import * as z from 'zod';
import { DependencyError } from '../errors.ts';
import type { FailureDetails } from '../errors.ts';
import { ascii } from '../snapshot/json-scan.ts';
import { createPageScan } from '../snapshot/page-scan.ts';
import type { PageFrame, PageScan } from '../snapshot/page-scan.ts';
import type { SnapshotBuilder } from '../snapshot/snapshot.ts';
import { createUtf8Converter } from './charset.ts';
import { readUpstreamIds } from './http.ts';
import type { BodyReader, StreamedAnswer } from './http.ts';

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

/** Reads one page into the snapshot under construction. */
export type PageReader = BodyReader & {
  /** Ends the page and returns it without its records. Throws DependencyError `UpstreamInvalid`. */
  readonly end: () => PageEnvelope;
};

/**
 * A reader of the next page. Each answer starts the page again, because a broken one is requested anew. The media type is not
 * checked: what parses is JSON.
 */
export function createPageReader(builder: SnapshotBuilder): PageReader {
  const firstRow = builder.count;
  let converter = createUtf8Converter(undefined);
  let scan = createScan();
  let failure: unknown;

  function createScan(): PageScan {
    return createPageScan((bytes, start) => {
      const end = builder.add(bytes, start);
      if (end !== undefined) return end;
      const member = bytes[start] === ascii.openBrace ? 'resourceId' : undefined;
      const details = { reason: 'schema', member, record: builder.count - firstRow };
      throw createInvalid('an item of the list is not a record of a customer', details);
    });
  }

  function read(convert: () => Buffer): void {
    if (failure !== undefined) return;
    try {
      scan.add(convert());
    } catch (error) {
      failure = error;
    }
  }

  return {
    start(headers) {
      builder.truncate(firstRow);
      converter = createUtf8Converter(headers['content-type']);
      scan = createScan();
      failure = undefined;
    },
    add: (chunk) => {
      read(() => converter.convert(chunk));
    },
    end() {
      read(() => converter.end());
      if (failure !== undefined) throw failure;
      return parseFrame(scan.end());
    },
  };
}

function parseFrame({ envelope, recordCount }: PageFrame): PageEnvelope {
  if (recordCount === undefined) throw createInvalid('a page has no items', { reason: 'no-items' });
  const { data, error } = pageEnvelope.safeParse(envelope);
  if (error === undefined) return data;
  // The path holds names of our own schema, never a value.
  const details = { reason: 'schema', member: error.issues[0]?.path.join('.') };
  throw createInvalid('a page is not what the schema says', details);
}

/** The error of a page that was received; a DependencyError with the page as evidence. */
export async function addEvidence(error: unknown, answer: StreamedAnswer): Promise<unknown> {
  if (!(error instanceof DependencyError)) return error;
  const contentType = answer.headers['content-type']?.slice(0, 80);
  return new DependencyError(error.code, error.message, {
    cause: error,
    details: { ...error.details, contentType, bytes: answer.bytes, ...readUpstreamIds(answer) },
    evidence: await answer.decode(),
  });
}

function createInvalid(message: string, details: FailureDetails): DependencyError {
  return new DependencyError('UpstreamInvalid', message, { details });
}
