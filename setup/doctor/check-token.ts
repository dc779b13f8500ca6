import type { ClientAuth } from 'oauth4webapi';
import type { Dispatcher } from 'undici';
import { systemClock as clock, systemRandom as random, systemSleep as sleep } from '../../shared/clock.ts';
import type { Settings } from '../../shared/settings.ts';
import { resolvePartnerCenterEndpoints } from '../../shared/partner-center/endpoints.ts';
import { createRefreshGrant } from '../../shared/partner-center/refresh-grant.ts';
import { createOperation } from '../azure.ts';
import type { Passed } from '../report.ts';
import { checkClaims } from '../token-claims.ts';

const tokenTimeoutMs = 60_000;

type TokenRequest = {
  readonly settings: Settings;
  readonly dispatcher: Dispatcher;
  readonly auth: ClientAuth;
  readonly refreshToken: string;
};

/**
 * An access token for the refresh token, its claims checked. The new refresh token in the answer is dropped: the stored one
 * stays valid, and only the service stores new ones.
 */
export async function checkToken({ settings, dispatcher, auth, refreshToken }: TokenRequest): Promise<Passed<string>> {
  const { authorityUrl, apiUrl } = resolvePartnerCenterEndpoints(settings);
  const { PARTNER_CENTER_TENANT_ID: tenantId, PARTNER_CENTER_CLIENT_ID: clientId } = settings;
  const common = { dispatcher, authorityUrl, tenantId, clientId, apiUrl, attemptTimeoutMs: 30_000 };
  const requestGrant = createRefreshGrant({ ...common, clock, sleep, random });
  const operation = createOperation(tokenTimeoutMs);
  const context = { ...operation, operation: 'token', deadlineAt: clock() + tokenTimeoutMs } as const;
  const result = await requestGrant(auth, refreshToken, context);
  if (result.kind === 'refused') throw result.failure;
  const { accessToken } = result.answer;
  return { ...checkClaims(accessToken, { apiUrl, tenantId }), value: accessToken };
}
