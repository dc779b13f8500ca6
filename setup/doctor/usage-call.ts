import { randomUUID } from 'node:crypto';
import type { Dispatcher } from 'undici';
import type { OperationContext } from '../../shared/context.ts';
import { systemClock as clock } from '../../shared/clock.ts';
import { readApiRefusal } from '../../shared/partner-center/api-errors.ts';
import { HttpFailure } from '../../shared/partner-center/http-failure.ts';
import { exchange } from '../../shared/partner-center/http.ts';
import type { HttpAnswer } from '../../shared/partner-center/http.ts';
import { readPage } from '../../shared/partner-center/read-page.ts';
import { createFailedExchange } from '../../shared/partner-center/upstream-failure.ts';
import { createSnapshotBuilder } from '../../shared/snapshot/snapshot.ts';

const answerLimit = 256 * 1024 * 1024;

export type UsageCall = {
  readonly dispatcher: Dispatcher;
  readonly apiUrl: string;
  readonly accessToken: string;
  readonly timeoutMs: number;
};

/** One call of `GET /v1/customers/usagerecords`: how many records came, and what Partner Center says of the MFA. Throws a DependencyError. */
export async function countUsageRecords(options: UsageCall, call: OperationContext): Promise<string> {
  const answer = await ask(options, call);
  const builder = createSnapshotBuilder();
  const { links } = readPage(answer, builder);
  const count = `${builder.build().count} records`;
  const pages = links?.next == null ? count : `${count} on the first page`;
  const isMfaCompliant = answer.headers['ismfacompliant'];
  return typeof isMfaCompliant === 'string' ? `${pages}, isMfaCompliant ${isMfaCompliant.slice(0, 5)}` : pages;
}

async function ask(
  { dispatcher, apiUrl, accessToken, timeoutMs }: UsageCall,
  call: OperationContext,
): Promise<HttpAnswer> {
  const headers = {
    authorization: `Bearer ${accessToken}`,
    accept: 'application/json',
    'ms-requestid': randomUUID(),
    'ms-correlationid': call.correlationId,
    'ms-partnercenter-application': 'partner-usage-api',
    // Asks for the answer header isMfaCompliant.
    validatemfa: 'true',
  };
  const url = `${apiUrl}/v1/customers/usagerecords`;
  try {
    const { signal } = call;
    const answer = await exchange(dispatcher, {
      method: 'GET',
      url,
      headers,
      signal,
      timeoutMs,
      maxBytes: answerLimit,
    });
    if (answer.status === 200) return answer;
    throw readApiRefusal(answer, clock()).failure;
  } catch (error) {
    throw error instanceof HttpFailure ? createFailedExchange(error, 'Partner Center').failure : error;
  }
}
