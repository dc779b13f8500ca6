import { z } from 'zod';
import { DependencyError, type FailureDetails } from '../errors.ts';

/** One call to blob storage: what it is about, how long it may take, and whose signals end it sooner. */
export type StorageCall = {
  readonly blob: string;
  readonly deadlineMs: number;
  readonly signals: readonly AbortSignal[];
};

/** What the SDK says of a refused or failed request. */
export type StorageFailure = { readonly status?: number; readonly errorCode?: string; readonly requestId?: string };

/** Runs `work` until the first of the call's signals or its deadline. Throws only DependencyError `StorageUnavailable`. */
export async function callStorage<T>(call: StorageCall, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const deadline = AbortSignal.timeout(call.deadlineMs);
  const caller = AbortSignal.any([...call.signals]);
  try {
    return await work(AbortSignal.any([caller, deadline]));
  } catch (error) {
    throw storageErrorOf(error, call.blob, caller, deadline);
  }
}

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

/** DependencyError `StorageUnavailable` about one blob; a `reason` among its details tells of the blob, all else of the way to it. */
export function storageUnavailable(blob: string, details: FailureDetails, options?: ErrorOptions): DependencyError {
  return new DependencyError('StorageUnavailable', 'blob storage did not do its part', {
    ...options,
    details: { blob, ...details },
  });
}

function storageErrorOf(error: unknown, blob: string, caller: AbortSignal, deadline: AbortSignal): DependencyError {
  if (error instanceof DependencyError) return error;
  // A RestError is not kept as the cause: it holds the request with its headers and address, and in its message sometimes a body.
  const failure = parseStorageFailure(error);
  if (failure !== undefined) return storageUnavailable(blob, failure);
  if (caller.reason instanceof DependencyError) return caller.reason;
  if (caller.aborted) return storageUnavailable(blob, { errorCode: 'Aborted' });
  if (deadline.aborted) return storageUnavailable(blob, { errorCode: 'Timeout' });
  // The SDK throws an AbortError, with nobody's signal aborted, when the connection breaks inside a body.
  return storageUnavailable(blob, { errorCode: 'Interrupted' }, { cause: error });
}
