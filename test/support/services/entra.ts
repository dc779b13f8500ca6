import { Agent } from 'undici';
import { afterAll, beforeEach } from 'vitest';
import { createPartnerCenterTokens } from '../../../shared/partner-center/token.ts';
import type { PartnerCenterTokensDeps } from '../../../shared/partner-center/token.ts';
import { createTestCertificate } from './certificate.ts';
import { createTestCall } from '../call.ts';
import { startScriptedServer } from './scripted-server.ts';
import type { ReceivedRequest, ScriptedAnswer } from './scripted-server.ts';
import { createMemorySecretStore } from './secret-store.ts';
import { createTestClock } from '../test-clock.ts';

export const tenantId = '11111111-2222-4333-8444-555555555555';
export const clientId = '99999999-2222-4333-8444-555555555555';
export const day = 86_400_000;

/** A token answer; members given replace its own, `undefined` leaves one out. */
export function tokenAnswer(members: Readonly<Record<string, unknown>> = {}): ScriptedAnswer {
  return {
    json: { token_type: 'Bearer', expires_in: 3599, access_token: 'access-1', refresh_token: 'refresh-2', ...members },
  };
}

/** An error answer as Entra gives it, its description naming somebody. */
export function entraError(status: number, error: string, ...numbers: readonly number[]): ScriptedAnswer {
  return {
    status,
    json: {
      error,
      error_description: `AADSTS${numbers[0]}: admin@contoso.example must act.`,
      error_codes: numbers,
      trace_id: 'trace-1',
      correlation_id: 'corr-1',
    },
  };
}

/** The form of a token request. */
export function parseForm(request: ReceivedRequest | undefined): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(request?.body));
}

/**
 * A token endpoint on TLS for the tests of this file, with an empty script before each, a vault holding a two-day-old refresh token
 * and a client secret, and the tokens over both.
 */
export async function startEntra() {
  const certificate = await createTestCertificate();
  const server = await startScriptedServer([], certificate);
  const dispatcher = new Agent({ connect: { ca: certificate.cert } });

  function createTokens(overrides: Partial<PartnerCenterTokensDeps> = {}) {
    const time = createTestClock();
    const secrets = createMemorySecretStore(time.clock);
    secrets.put('refresh', 'refresh-1', time.clock() - 2 * day);
    secrets.put('client', 'client-secret-1');
    const tokens = createPartnerCenterTokens({
      dispatcher,
      secrets,
      refreshTokenSecrets: secrets,
      ...time,
      random: () => 0,
      authorityUrl: server.url,
      tenantId,
      clientId,
      apiUrl: 'https://api.partnercenter.microsoft.com',
      refreshTokenSecretName: 'refresh',
      credential: { kind: 'client-secret', secretName: 'client' },
      attemptTimeoutMs: 5_000,
      ...overrides,
    });
    return { tokens, secrets, time, ...createTestCall() };
  }

  beforeEach(() => server.reset());
  afterAll(async () => {
    await dispatcher.destroy();
    await server.close();
  });
  return { server, createTokens };
}
