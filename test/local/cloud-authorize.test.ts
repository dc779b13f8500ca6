import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startTestCloud } from './test-cloud.ts';

const refusal = z.looseObject({ error: z.string(), error_codes: z.array(z.number()) });
const granted = z.looseObject({ access_token: z.string(), refresh_token: z.string(), id_token: z.string() });
const redirect_uri = 'http://localhost:8400/callback';
const code_verifier = 'a-verifier-of-at-least-forty-three-characters-0';
const code_challenge = createHash('sha256').update(code_verifier).digest('base64url');

const cloud = await startTestCloud({ customers: 4 });

function authorizeUrl(changes: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams({
    client_id: cloud.setting('PARTNER_CENTER_CLIENT_ID'),
    response_type: 'code',
    redirect_uri,
    scope: `${cloud.api}/user_impersonation offline_access openid`,
    state: 'the-state',
    code_challenge,
    code_challenge_method: 'S256',
    ...changes,
  });
  return `${cloud.tokenUrl.replace('/token', '/authorize')}?${query.toString()}`;
}

async function choose(choice: string, changes: Readonly<Record<string, string>> = {}): Promise<URLSearchParams> {
  const body = new URLSearchParams({ choice });
  const answer = await fetch(authorizeUrl(changes), { method: 'POST', body, redirect: 'manual' });
  return new URL(answer.headers.get('location') ?? '').searchParams;
}

async function redeem(code: string | null, changes: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const form = { grant_type: 'authorization_code', code: code ?? '', redirect_uri, code_verifier, ...changes };
  return (await cloud.postToken(form)).json();
}

describe('the sign-in page of the local cloud', () => {
  it('gives a code that brings tokens once', async () => {
    const answer = await choose('mfa');
    const first = granted.parse(await redeem(answer.get('code')));

    expect(answer.get('state')).toBe('the-state');
    expect((await cloud.usage(first.access_token)).status).toBe(200);
    expect((await cloud.exchange({ refresh_token: first.refresh_token })).access_token).not.toBe(first.access_token);
    expect(refusal.parse(await redeem(answer.get('code'))).error_codes).toEqual([54005]);
  });

  it.each([
    ['a verifier of another run', { code_verifier: 'x'.repeat(43) }, 501481],
    ['another address', { redirect_uri: 'http://localhost:1/callback' }, 500112],
  ])('refuses %s', async (_, change, number) => {
    const answer = await choose('mfa');

    expect(refusal.parse(await redeem(answer.get('code'), change)).error_codes).toEqual([number]);
  });

  it('refuses a code that is over ten minutes old', async () => {
    const answer = await choose('mfa');
    await cloud.control({ advanceHours: 0.17 });

    expect(refusal.parse(await redeem(answer.get('code'))).error_codes).toEqual([70008]);
  });

  it('keeps what the sign-in was for every token that comes of it', async () => {
    const { refresh_token } = granted.parse(await redeem((await choose('no-mfa')).get('code')));
    const { access_token } = await cloud.exchange({ refresh_token });

    expect(await (await cloud.usage(access_token)).text()).toContain('900421');
  });

  it('says no by the address', async () => {
    expect((await choose('decline')).get('error')).toBe('access_denied');
    expect((await choose('mfa', { scope: 'openid' })).get('error')).toBe('invalid_scope');
  });

  it.each([
    ['an unknown app', { client_id: 'x' }, 'AADSTS700016'],
    ['an address that is not registered', { redirect_uri: 'https://elsewhere.example/callback' }, 'AADSTS50011'],
    ['another flow', { response_type: 'token' }, 'AADSTS700054'],
  ])('sends nobody back for %s', async (_, change, number) => {
    const response = await fetch(authorizeUrl(change));

    expect(response.status).toBe(400);
    expect(await response.text()).toContain(number);
  });
});
