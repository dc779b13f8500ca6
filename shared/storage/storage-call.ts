import * as z from 'zod';
import { DependencyError, type FailureDetails } from '../errors.ts';

/** Storage refused a call or did not answer it. */
export class StorageError extends DependencyError {
  /** The HTTP status, when there was an answer. */
  readonly status: number | undefined;

  constructor(blob: string, details: FailureDetails & { readonly status?: number }, options?: ErrorOptions) {
    super('StorageUnavailable', 'blob storage failed', { ...options, details: { blob, ...details } });
    this.status = details.status;
  }
}

export type StorageCall = {
  /** Aborts at the deadline, or with the caller's signal. */
  readonly signal: AbortSignal;
  /** Throws what an error of the call means: always a DependencyError `StorageUnavailable`. */
  readonly fail: (error: unknown) => never;
};

/** Limits one call to storage by a deadline and by `signal`, if there is one. */
export function startStorageCall(blob: string, deadlineMs: number, signal?: AbortSignal): StorageCall {
  const deadline = AbortSignal.timeout(deadlineMs);
  return {
    signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
    fail(error) {
      throw toStorageError(error, blob, { caller: signal, deadline });
    },
  };
}

/** What the SDK says of a refused or failed request. */
export type StorageFailure = { readonly status?: number; readonly errorCode?: string; readonly requestId?: string };

const restError = z.object({
  name: z.literal('RestError'),
  statusCode: z.number().optional(),
  code: z.string().optional(),
  details: z
    .object({ errorCode: z.string().optional(), 'x-ms-request-id': z.string().optional() })
    .optional()
    .catch(undefined),
});

/** The SDK's RestError, known by its name: importing the class would load the SDK; `undefined` for any other error. */
export function parseStorageFailure(error: unknown): StorageFailure | undefined {
  const { success, data } = restError.safeParse(error);
  if (!success) return undefined;
  const errorCode = data.details?.errorCode ?? data.code;
  const requestId = data.details?.['x-ms-request-id'];
  return {
    ...(data.statusCode !== undefined && { status: data.statusCode }),
    ...(errorCode !== undefined && { errorCode }),
    ...(requestId !== undefined && { requestId }),
  };
}

/** Whether If-Match or If-None-Match failed: 412, or 409 for a blob that exists already. */
export function isTaken(error: unknown): boolean {
  const status = parseStorageFailure(error)?.status;
  return status === 409 || status === 412;
}

type Signals = { readonly caller: AbortSignal | undefined; readonly deadline: AbortSignal };

function toStorageError(error: unknown, blob: string, { caller, deadline }: Signals): DependencyError {
  if (error instanceof DependencyError) return error;
  // A RestError is not kept as the cause: it holds the request with its headers and address, and in its message sometimes a body.
  const failure = parseStorageFailure(error);
  if (failure !== undefined) return new StorageError(blob, failure);
  if (caller?.reason instanceof DependencyError) return caller.reason;
  if (caller?.aborted) return new StorageError(blob, { errorCode: 'Aborted' });
  if (deadline.aborted) return new StorageError(blob, { errorCode: 'Timeout' });
  // The SDK throws an AbortError, with nobody's signal aborted, when the connection breaks inside a body.
  return new StorageError(blob, { errorCode: 'Interrupted' }, { cause: error });
}
