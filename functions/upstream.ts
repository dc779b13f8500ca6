import type { TokenCredential } from '@azure/identity';
import {
  systemClock as clock,
  systemRandom as random,
  systemSleep as sleep,
  systemYieldToEventLoop as yieldToEventLoop,
} from '../shared/clock.ts';
import type { Settings } from '../shared/settings.ts';
import { chooseCredentialSource } from '../shared/partner-center/client-credential.ts';
import { createPartnerCenterUsage } from '../shared/partner-center/usage-records.ts';
import { resolvePartnerCenterEndpoints } from '../shared/partner-center/endpoints.ts';
import { createPartnerCenterAgent } from '../shared/partner-center/http.ts';
import { createPartnerCenterTokens } from '../shared/partner-center/token.ts';
import type { RefreshTokenStatus, UsageSource } from '../shared/ports.ts';
import { openKeyVault } from '../shared/secrets/key-vault.ts';

export type Upstream = { readonly source: UsageSource; readonly tokens: RefreshTokenStatus };

/** Partner Center with its tokens and the vault behind them: what a refresh needs and a read never loads. */
export function openUpstream(settings: Settings, credential: TokenCredential): Upstream {
  const { authorityUrl, apiUrl } = resolvePartnerCenterEndpoints(settings);
  const secrets = openKeyVault(settings.KEY_VAULT_URL, credential);
  const common = { dispatcher: createPartnerCenterAgent(), apiUrl, clock, sleep, random };
  const tokens = createPartnerCenterTokens({
    ...common,
    authorityUrl,
    tenantId: settings.PARTNER_CENTER_TENANT_ID,
    clientId: settings.PARTNER_CENTER_CLIENT_ID,
    secrets,
    refreshTokenSecrets:
      settings.REFRESH_TOKEN_VAULT_URL === undefined
        ? secrets
        : openKeyVault(settings.REFRESH_TOKEN_VAULT_URL, credential),
    refreshTokenSecretName: settings.PARTNER_CENTER_REFRESH_TOKEN_SECRET_NAME,
    credential: chooseCredentialSource(settings),
  });
  const attemptTimeoutMs = settings.PARTNER_CENTER_TIMEOUT_SECONDS * 1000;
  return { source: createPartnerCenterUsage({ ...common, tokens, yieldToEventLoop, attemptTimeoutMs }), tokens };
}
