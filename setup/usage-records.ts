import { randomUUID } from 'node:crypto';
import type { Dispatcher } from 'undici';
import { systemClock as clock } from '../shared/clock.ts';
import type { Settings } from '../shared/settings.ts';
import { resolvePartnerCenterEndpoints } from '../shared/partner-center/endpoints.ts';
import { HttpFailure } from '../shared/partner-center/upstream-failure.ts';
import type { HttpAnswer } from '../shared/partner-center/http.ts';
import { readPageRefusal, sendPageRequest } from '../shared/partner-center/page-request.ts';
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
  token: string,
): Promise<Passed<true>> {
  const attemptTimeoutMs = settings.PARTNER_CENTER_TIMEOUT_SECONDS * 1000;
  const url = `${resolvePartnerCenterEndpoints(settings).apiUrl}/v1/customers/usagerecords`;
  // Asks for the answer header isMfaCompliant.
  const page = { url, headers: { validatemfa: 'true' }, maxBytes };
  const attempt = { token, requestId: randomUUID() };
  const answer = await sendPageRequest(
    { dispatcher, attemptTimeoutMs },
    page,
    attempt,
    createOperation(attemptTimeoutMs),
  );
  if (answer instanceof HttpFailure || answer.status !== 200) throw readPageRefusal(answer, clock()).failure;
  return { value: true, detail: describeAnswer(answer) };
}

function describeAnswer(answer: HttpAnswer): string {
  const builder = createSnapshotBuilder();
  const { links } = runToCompletion(readPage(answer, builder));
  const count = `${builder.build().count} records`;
  const pages = links?.next == null ? count : `${count} on the first page`;
  const isMfaCompliant = answer.headers['ismfacompliant'];
  return typeof isMfaCompliant === 'string' ? `${pages}, isMfaCompliant ${isMfaCompliant.slice(0, 5)}` : pages;
}
