import { DependencyError } from '../errors.ts';
import type { FailureDetails } from '../errors.ts';
import { readRecordLines } from '../snapshot/record-lines.ts';
import { ascii } from '../snapshot/json-walk.ts';
import type { SnapshotBuilder } from '../snapshot/snapshot.ts';
import { readUpstreamIds } from './api-errors.ts';
import { utf8Of } from './body-text.ts';
import type { HttpAnswer } from './http.ts';
import { pageEnvelope } from './page-envelope.ts';
import type { PageEnvelope } from './page-envelope.ts';

/**
 * Adds a page's records to the snapshot under construction and returns the rest of the page. What the content type says of
 * the media type is not asked: what parses is JSON. Throws DependencyError `UpstreamInvalid` with the body as evidence.
 */
export function readPage(answer: HttpAnswer, builder: SnapshotBuilder): PageEnvelope {
  const contentType = answer.headers['content-type']?.slice(0, 80);
  try {
    const body = utf8Of(answer.body, contentType);
    if (body === undefined) throw invalid('a page is not in the charset it claims', { reason: 'charset' });
    return addRecords(body, builder);
  } catch (error) {
    if (!(error instanceof DependencyError)) throw error;
    throw new DependencyError(error.code, error.message, {
      cause: error,
      details: { ...error.details, contentType, bytes: answer.body.length, ...readUpstreamIds(answer) },
      evidence: answer.body,
    });
  }
}

function addRecords(body: Buffer, builder: SnapshotBuilder): PageEnvelope {
  let position = 0;
  const { envelope, recordCount } = readRecordLines(body, (line) => {
    if (!builder.add(line)) {
      const member = line[0] === ascii.openBrace ? 'resourceId' : undefined;
      throw invalid('an item of the list is not a record of a customer', {
        reason: 'schema',
        member,
        record: position,
      });
    }
    position += 1;
  });
  if (recordCount === undefined) throw invalid('a page has no items', { reason: 'no-items' });
  const { data, error } = pageEnvelope.safeParse(envelope);
  if (error === undefined) return data;
  // The path holds names of our own schema, never a value.
  throw invalid('a page is not what the schema says', { reason: 'schema', member: error.issues[0]?.path.join('.') });
}

function invalid(message: string, details: FailureDetails): DependencyError {
  return new DependencyError('UpstreamInvalid', message, { details });
}
