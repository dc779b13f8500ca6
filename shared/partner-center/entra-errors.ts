import { z } from 'zod';
import { parseJson } from '../parse-json.ts';
import { entraCodes } from './entra-codes.ts';
import type { HttpAnswer } from './http.ts';
import { parseRetryAfterMs } from './retry.ts';
import { createRefusal } from './upstream-failure.ts';
import type { Refusal, UpstreamFailure } from './upstream-failure.ts';

const identifier = z.string().regex(/^[\w.-]{1,64}$/);

/** The token endpoint's error body; its description is left out, because it names users and tenants. */
const entraError = z.looseObject({
  error: identifier.optional().catch(undefined),
  error_codes: z.array(z.int()).catch([]).default([]),
  trace_id: identifier.optional().catch(undefined),
  correlation_id: identifier.optional().catch(undefined),
});

type EntraError = z.infer<typeof entraError>;

type ExplainedEntraError = { readonly row: UpstreamFailure; readonly upstreamCode: string | undefined };

const unknownError: UpstreamFailure = {
  failure: 'UpstreamForbidden',
  cause: 'Entra refused',
  cure: 'configuration',
};

/** What a refusal means: by its AADSTS numbers, else by the name of the error, never by its text. */
export function explainEntraError(error: string | undefined, numbers: readonly number[]): ExplainedEntraError {
  const seen = [...numbers.map((number) => `AADSTS${number}`), ...(error === undefined ? [] : [error])];
  for (const upstreamCode of seen) {
    const row = entraCodes.find(({ codes }) => codes.includes(upstreamCode));
    if (row !== undefined) return { row, upstreamCode };
  }
  return { row: unknownError, upstreamCode: seen[0] };
}

/** Reads an answer other than 200 of the token endpoint. */
export function readEntraRefusal(answer: HttpAnswer, now: number): Refusal {
  const { status } = answer;
  const body = parseJson(answer.body.toString(), entraError);
  const { row, upstreamCode } = explainAnswer(status, body);
  return createRefusal(row, {
    upstreamCode,
    retryAfterMs: parseRetryAfterMs(answer.headers['retry-after'], now),
    details: {
      status,
      error: body?.error,
      errorCodes: body?.error_codes.join(','),
      entraTraceId: body?.trace_id,
      entraCorrelationId: body?.correlation_id,
    },
  });
}

function explainAnswer(status: number, body: EntraError | undefined): ExplainedEntraError {
  if (status === 429) {
    const cause = 'Entra saw too many requests';
    return explainStatus({ failure: 'UpstreamThrottled', retry: 'after-wait', cause, cure: 'wait' }, body);
  }
  if (status === 408 || status >= 500) {
    const cause = 'Entra failed';
    return explainStatus({ failure: 'UpstreamUnavailable', retry: 'after-wait', cause, cure: 'wait' }, body);
  }
  if (body !== undefined) return explainEntraError(body.error, body.error_codes);
  const cause = 'something answered in place of Entra';
  return { row: { failure: 'UpstreamInvalid', cause, cure: 'configuration' }, upstreamCode: undefined };
}

function explainStatus(row: UpstreamFailure, body: EntraError | undefined): ExplainedEntraError {
  return { row, upstreamCode: body && explainEntraError(body.error, body.error_codes).upstreamCode };
}
