import { z } from 'zod';
import { DependencyError } from '../errors.ts';
import type { FailureCode } from '../errors.ts';
import type { HttpAnswer } from './http.ts';
import { retryAfterMsOf } from './retry.ts';

/** What ends the failure: `details.cure` of the error. Time alone ends `wait`. */
type Cure =
  | 'wait'
  | 'sign-in'
  | 'sign-in-with-mfa'
  | 'app-consent'
  | 'access-policy'
  | 'user-account'
  | 'client-credential'
  | 'configuration';

type Meaning = { readonly code: FailureCode; readonly cure: Cure; readonly transient?: true };

const identifier = z.string().regex(/^[\w.-]{1,64}$/);

/** The token endpoint's error body; its description is left out, because it names users and tenants. */
const entraError = z.looseObject({
  error: identifier.optional().catch(undefined),
  error_codes: z.array(z.int()).catch([]).default([]),
  trace_id: identifier.optional().catch(undefined),
  correlation_id: identifier.optional().catch(undefined),
});

type EntraError = z.infer<typeof entraError>;

// Microsoft Entra, "authentication and authorization error codes": what each AADSTS number asks for.
const meanings: readonly (Meaning & { readonly numbers: readonly number[] })[] = [
  { numbers: [90033, 50000], code: 'UpstreamUnavailable', cure: 'wait', transient: true },
  { numbers: [90055], code: 'UpstreamThrottled', cure: 'wait', transient: true },
  // 50196 says that this client asks in a loop: asking again at once would prove it right.
  { numbers: [50196], code: 'UpstreamThrottled', cure: 'wait' },
  {
    numbers: [7000215, 7000222, 7000218, 700027, 7000112, 700016],
    code: 'UpstreamForbidden',
    cure: 'client-credential',
  },
  { numbers: [90002, 901002, 500011, 650057], code: 'UpstreamForbidden', cure: 'configuration' },
  {
    numbers: [50076, 50078, 50079, 50072, 50074, 530034],
    code: 'UpstreamAuthRequired',
    cure: 'sign-in-with-mfa',
  },
  { numbers: [53000, 53003, 530032], code: 'UpstreamAuthRequired', cure: 'access-policy' },
  { numbers: [65001], code: 'UpstreamAuthRequired', cure: 'app-consent' },
  { numbers: [50057, 50053], code: 'UpstreamAuthRequired', cure: 'user-account' },
];

const meaningOfError: Readonly<Record<string, Meaning>> = {
  temporarily_unavailable: { code: 'UpstreamUnavailable', cure: 'wait', transient: true },
  server_error: { code: 'UpstreamUnavailable', cure: 'wait', transient: true },
  invalid_client: { code: 'UpstreamForbidden', cure: 'client-credential' },
  invalid_grant: { code: 'UpstreamAuthRequired', cure: 'sign-in' },
  interaction_required: { code: 'UpstreamAuthRequired', cure: 'sign-in-with-mfa' },
  login_required: { code: 'UpstreamAuthRequired', cure: 'sign-in' },
  consent_required: { code: 'UpstreamAuthRequired', cure: 'app-consent' },
};

/** A refused token request: its error, whether it may pass by itself, and what it takes otherwise. */
export type EntraRefusal = { readonly failure: DependencyError; readonly transient: boolean; readonly cure: Cure };

/** Reads an answer other than 200 of the token endpoint, by status, `error` and `error_codes`, never by text. */
export function entraRefusalOf(answer: HttpAnswer, now: number): EntraRefusal {
  const { status } = answer;
  const body = parseEntraError(answer.body);
  const { code, cure, transient = false } = meaningOf(status, body);
  const failure = new DependencyError(code, 'Entra refused the refresh-token grant', {
    retryAfterMs: retryAfterMsOf(answer.headers['retry-after'], now),
    details: {
      status,
      cure,
      error: body?.error,
      errorCodes: body?.error_codes.join(','),
      entraTraceId: body?.trace_id,
      entraCorrelationId: body?.correlation_id,
    },
  });
  return { failure, transient, cure };
}

function meaningOf(status: number, body: EntraError | undefined): Meaning {
  if (status === 429) return { code: 'UpstreamThrottled', cure: 'wait', transient: true };
  if (status === 408 || status >= 500) {
    return { code: 'UpstreamUnavailable', cure: 'wait', transient: true };
  }
  if (body === undefined) return { code: 'UpstreamInvalid', cure: 'configuration' };
  const byNumber = meanings.find(({ numbers }) => numbers.some((number) => body.error_codes.includes(number)));
  return byNumber ?? meaningOfError[body.error ?? ''] ?? { code: 'UpstreamForbidden', cure: 'configuration' };
}

function parseEntraError(body: Buffer): EntraError | undefined {
  try {
    return entraError.parse(JSON.parse(body.toString()));
  } catch {
    return undefined;
  }
}
