import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { systemClock as clock } from '../shared/clock.ts';
import type { Settings } from '../shared/settings.ts';
import { resolvePartnerCenterEndpoints } from '../shared/partner-center/endpoints.ts';
import { HttpFailure } from '../shared/partner-center/upstream-failure.ts';
import { readPageRefusal, sendPageRequest } from '../shared/partner-center/page-request.ts';
import { createPageReader } from '../shared/partner-center/read-page.ts';
import type { PageEnvelope } from '../shared/partner-center/read-page.ts';
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
  token: string,
): Promise<Passed<true>> {
  const attemptTimeoutMs = settings.PARTNER_CENTER_TIMEOUT_SECONDS * 1000;
  const url = `${resolvePartnerCenterEndpoints(settings).apiUrl}/v1/customers/usagerecords`;
  // Asks for the answer header isMfaCompliant.
  const builder = createSnapshotBuilder();
  const reader = createPageReader(builder);
  const page = { url, headers: { validatemfa: 'true' }, maxBytes, reader };
  const attempt = { token, requestId: randomUUID() };
  const answer = await sendPageRequest(
    { dispatcher, attemptTimeoutMs },
    page,
    attempt,
    createOperation(attemptTimeoutMs),
  );
  if (answer instanceof HttpFailure || 'status' in answer) throw readPageRefusal(answer, clock()).failure;
  return { value: true, detail: describePage(reader.end(), builder.count, answer.headers) };
}

function describePage({ links }: PageEnvelope, recordCount: number, headers: IncomingHttpHeaders): string {
  const count = `${recordCount} records`;
  const pages = links?.next == null ? count : `${count} on the first page`;
  const isMfaCompliant = headers['ismfacompliant'];
  return typeof isMfaCompliant === 'string' ? `${pages}, isMfaCompliant ${isMfaCompliant.slice(0, 5)}` : pages;
}
