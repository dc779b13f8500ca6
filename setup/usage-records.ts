import { randomUUID } from 'node:crypto';
import type { Dispatcher } from 'undici';
import { systemClock as clock } from '../shared/clock.ts';
import type { Settings } from '../shared/settings.ts';
import { readApiRefusal } from '../shared/partner-center/api-errors.ts';
import { resolvePartnerCenterEndpoints } from '../shared/partner-center/endpoints.ts';
import { HttpFailure, createExchangeRefusal } from '../shared/partner-center/upstream-failure.ts';
import { exchange } from '../shared/partner-center/http.ts';
import type { HttpAnswer } from '../shared/partner-center/http.ts';
import { runToCompletion } from '../shared/turns.ts';
import { readPage } from '../shared/partner-center/read-page.ts';
import { createSnapshotBuilder } from '../shared/snapshot/snapshot.ts';
import { createOperation } from './azure.ts';
import type { Passed } from './report.ts';

const maxBytes = 256 * 1024 * 1024;

type UsageSettings = Pick<
  Settings,
  'PARTNER_CENTER_CLOUD' | 'PARTNER_CENTER_AUTHORITY_URL' | 'PARTNER_CENTER_API_URL' | 'PARTNER_CENTER_TIMEOUT_SECONDS'
>;

/** Requests the usage records once: how many came, and whether the sign-in counts as MFA. Throws a DependencyError. */
export async function checkUsageRecords(
  settings: UsageSettings,
  dispatcher: Dispatcher,
  accessToken: string,
): Promise<Passed<true>> {
  const timeoutMs = settings.PARTNER_CENTER_TIMEOUT_SECONDS * 1000;
  const { signal, correlationId } = createOperation(timeoutMs);
  const headers = {
    authorization: `Bearer ${accessToken}`,
    accept: 'application/json',
    'ms-requestid': randomUUID(),
    'ms-correlationid': correlationId,
    'ms-partnercenter-application': 'partner-usage-api',
    // Asks for the answer header isMfaCompliant.
    validatemfa: 'true',
  };
  const url = `${resolvePartnerCenterEndpoints(settings).apiUrl}/v1/customers/usagerecords`;
  const answer = await send(dispatcher, { method: 'GET', url, headers, signal, timeoutMs, maxBytes });
  return { value: true, detail: describeAnswer(answer) };
}

async function send(dispatcher: Dispatcher, request: Parameters<typeof exchange>[1]): Promise<HttpAnswer> {
  const answer = await exchange(dispatcher, request);
  if (answer instanceof HttpFailure) throw createExchangeRefusal(answer, 'Partner Center').failure;
  if (answer.status !== 200) throw readApiRefusal(answer, clock()).failure;
  return answer;
}

function describeAnswer(answer: HttpAnswer): string {
  const builder = createSnapshotBuilder();
  const { links } = runToCompletion(readPage(answer, builder));
  const count = `${builder.build().count} records`;
  const pages = links?.next == null ? count : `${count} on the first page`;
  const isMfaCompliant = answer.headers['ismfacompliant'];
  return typeof isMfaCompliant === 'string' ? `${pages}, isMfaCompliant ${isMfaCompliant.slice(0, 5)}` : pages;
}
