import type { ClientAuth } from 'oauth4webapi';
import type { Dispatcher } from 'undici';
import { systemClock as clock, systemRandom as random, systemSleep as sleep } from '../../shared/clock.ts';
import type { Settings } from '../../shared/config.ts';
import { createRefreshGrant } from '../../shared/partner-center/refresh-grant.ts';
import { createCall } from '../azure.ts';
import { resolveEndpoints } from '../client-credential.ts';
import type { Passed } from '../report.ts';
import { checkClaims } from '../token-claims.ts';
import { countUsageRecords } from './usage-call.ts';

const tokenMs = 60_000;

export type Upstream = { readonly settings: Settings; readonly dispatcher: Dispatcher };

/** One exchange of the refresh token. The new one that comes with it is dropped: the stored one stays valid, and storing is the service's work. */
export async function checkToken(
  { settings, dispatcher }: Upstream,
  auth: ClientAuth,
  refreshToken: string,
): Promise<Passed<string>> {
  const { authorityUrl, apiUrl } = resolveEndpoints(settings);
  const { PARTNER_CENTER_TENANT_ID: tenantId, PARTNER_CENTER_CLIENT_ID: clientId } = settings;
  const common = { dispatcher, authorityUrl, tenantId, clientId, apiUrl, attemptTimeoutMs: 30_000 };
  const grant = createRefreshGrant({ ...common, clock, sleep, random });
  const context = { ...createCall(tokenMs), operation: 'token', deadlineAt: clock() + tokenMs } as const;
  const result = await grant.request(auth, refreshToken, context);
  if ('refusal' in result) throw result.refusal;
  const { accessToken } = result.answer;
  return { ...checkClaims(accessToken, { apiUrl, tenantId }), value: accessToken };
}

/** One call with the token of `checkToken`. */
export async function checkPartnerCenter(
  { settings, dispatcher }: Upstream,
  accessToken: string,
): Promise<Passed<true>> {
  const { apiUrl } = resolveEndpoints(settings);
  const timeoutMs = settings.PARTNER_CENTER_TIMEOUT_SECONDS * 1000;
  const usage = { dispatcher, apiUrl, accessToken, timeoutMs };
  return { value: true, detail: await countUsageRecords(usage, createCall(timeoutMs)) };
}
