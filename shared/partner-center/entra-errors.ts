import * as z from 'zod';
import { parseJson } from '../parse-json.ts';
import { entraCodes } from './entra-codes.ts';
import type { HttpAnswer } from './http.ts';
import { parseRetryAfterMs } from './retry.ts';
import { createRefusal } from './upstream-failure.ts';
import type { UpstreamRefusal, UpstreamFailure } from './upstream-failure.ts';

const identifier = z.string().regex(/^[\w.-]{1,64}$/);

/** The token endpoint's error body, without its description, which names users and tenants. */
const entraError = z.looseObject({
  error: identifier.optional().catch(undefined),
  error_codes: z.array(z.int()).catch([]).default([]),
  trace_id: identifier.optional().catch(undefined),
  correlation_id: identifier.optional().catch(undefined),
});

type ExplainedEntraError = { readonly row: UpstreamFailure; readonly upstreamCode: string | undefined };

const unknownError: UpstreamFailure = {
  failure: 'UpstreamForbidden',
  cause: 'Entra refused',
  cure: 'configuration',
};

/** What an error of Entra means, by its AADSTS numbers or else by its name, never by its text. */
export function explainEntraError(error: string | undefined, numbers: readonly number[]): ExplainedEntraError {
  const seen = [...numbers.map((number) => `AADSTS${number}`), ...(error === undefined ? [] : [error])];
  for (const upstreamCode of seen) {
    const row = entraCodes.find(({ codes }) => codes.includes(upstreamCode));
    if (row !== undefined) return { row, upstreamCode };
  }
  return { row: unknownError, upstreamCode: seen[0] };
}

/** What an answer of the token endpoint other than 200 means. */
export function readEntraRefusal(answer: HttpAnswer, now: number): UpstreamRefusal {
  const { status } = answer;
  const body = parseJson(answer.body.toString(), entraError);
  const explained = body && explainEntraError(body.error, body.error_codes);
  return createRefusal(findStatusRow(status) ?? explained?.row ?? notEntra, {
    upstreamCode: explained?.upstreamCode,
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

const notEntra: UpstreamFailure = {
  failure: 'UpstreamInvalid',
  cause: 'something answered in place of Entra',
  cure: 'configuration',
};

/** Throttling and outages are recognized by the status alone. */
function findStatusRow(status: number): UpstreamFailure | undefined {
  const retry = 'after-wait';
  if (status === 429) {
    return { failure: 'UpstreamThrottled', retry, cause: 'Entra is throttling this app', cure: 'wait' };
  }
  if (status === 408 || status >= 500) {
    return { failure: 'UpstreamUnavailable', retry, cause: 'Entra failed', cure: 'wait' };
  }
  return undefined;
}
