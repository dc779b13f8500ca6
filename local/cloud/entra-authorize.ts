import { createHash, createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import { entraProblem } from './entra-problem.ts';
import type { Answer, Exchange } from './http.ts';
import type { World } from './world.ts';

const codeLifeMs = 10 * 60_000;
const otherTenantId = 'e4a1c0de-5b0b-4a2e-9d3c-7f1e2d3c4b5a';

/** A user of the partner tenant without the Admin agent role: Partner Center refuses what it asks. */
export const readerName = 'reader@partner.example';

/** Who signed in and how: every token of the sign-in and of its refresh tokens says so. */
export type SignIn = { readonly upn: string; readonly tid: string; readonly amr: readonly string[] };

type Code = {
  readonly expiresAt: number;
  readonly redirectUri: string;
  readonly challenge: string | null;
  readonly nonce: string | null;
  readonly scope: string;
  readonly signIn: SignIn;
};

type Redeemed = { readonly signIn: SignIn; readonly scope: string; readonly idToken: string };

type AuthorizeOptions = {
  readonly url: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly apiUrl: string;
};

/** The interactive half of Entra: a page that asks how the sign-in is to go, and the codes it gives. */
export function createEntraAuthorize({ clock }: World, { url, tenantId, clientId, apiUrl }: AuthorizeOptions) {
  const codes = new Map<string, Code>();
  const agent: SignIn = { upn: 'admin.agent@partner.example', tid: tenantId, amr: ['pwd', 'mfa'] };
  const choices = new Map<string, { readonly label: string; readonly signIn?: SignIn }>([
    ['mfa', { label: 'Sign in with MFA', signIn: agent }],
    ['no-mfa', { label: 'Sign in without MFA', signIn: { ...agent, amr: ['pwd'] } }],
    ['other-tenant', { label: 'Sign in as a user of another tenant', signIn: { ...agent, tid: otherTenantId } }],
    ['no-role', { label: 'Sign in without the Admin agent role', signIn: { ...agent, upn: readerName } }],
    ['decline', { label: 'Decline' }],
  ]);
  let signingKey: ReturnType<typeof generateKeyPairSync>['privateKey'] | undefined;

  /** Entra tells such mistakes on its own page and sends nobody back. */
  function requestProblem(query: URLSearchParams): string | undefined {
    if (query.get('client_id') !== clientId) return 'AADSTS700016: Application was not found in the directory.';
    // Like Entra, which ignores the port of a localhost address.
    if (!/^http:\/\/localhost(:\d+)?\/callback$/.test(query.get('redirect_uri') ?? '')) {
      return 'AADSTS50011: The redirect URI does not match the redirect URIs configured for the application.';
    }
    return query.get('response_type') === 'code' ? undefined : 'AADSTS700054: response_type must be code.';
  }

  function issueCode(query: URLSearchParams, signIn: SignIn): string {
    const code = `0.A${randomBytes(60).toString('base64url')}`;
    const redirectUri = query.get('redirect_uri') ?? '';
    const [challenge, nonce, scope] = [query.get('code_challenge'), query.get('nonce'), query.get('scope') ?? ''];
    codes.set(code, { expiresAt: clock.now() + codeLifeMs, redirectUri, challenge, nonce, scope, signIn });
    return code;
  }

  function outcomeOf(query: URLSearchParams, choice: string): Readonly<Record<string, string>> {
    const signIn = choices.get(choice)?.signIn;
    if (signIn === undefined) {
      const description = 'AADSTS65004: User declined to consent to access the app.';
      return { error: 'access_denied', error_subcode: 'cancel', error_description: description };
    }
    if (!(query.get('scope') ?? '').split(' ').includes(`${apiUrl}/user_impersonation`)) {
      const description = 'AADSTS70011: The provided value for the scope is not valid.';
      return { error: 'invalid_scope', error_description: description };
    }
    return { code: issueCode(query, signIn), session_state: randomBytes(16).toString('hex') };
  }

  function idTokenOf({ nonce, signIn }: Code): string {
    signingKey ??= generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const now = Math.floor(clock.now() / 1000);
    const { upn, tid } = signIn;
    const user = { sub: upn, preferred_username: upn, tid, ...(nonce !== null && { nonce }) };
    const claims = { iss: `${url}/${tenantId}/v2.0`, aud: clientId, iat: now, exp: now + 3600, ...user };
    const parts = [{ typ: 'JWT', alg: 'RS256' }, claims];
    const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return `${text}.${createSign('sha256').update(text).sign(signingKey, 'base64url')}`;
  }

  return {
    /** The sign-in behind the refresh token that is in the vault from the start. */
    consented: agent,
    /** `GET` shows the choices, `POST` takes one and leads back to the app. */
    handle({ method, url: asked, body }: Exchange): Answer {
      const query = asked.searchParams;
      const problem = requestProblem(query);
      if (problem !== undefined) return page(400, `<p>${problem}</p>`);
      if (method === 'GET') return page(200, formOf(choices));
      const outcome = outcomeOf(query, new URLSearchParams(body.toString()).get('choice') ?? 'decline');
      const back = new URL(query.get('redirect_uri') ?? '');
      back.search = new URLSearchParams({ ...outcome, state: query.get('state') ?? '' }).toString();
      return { status: 302, headers: { location: back.href } };
    },
    /** Takes a code once, for the app and address it was given to. */
    redeem(form: URLSearchParams): Redeemed | { readonly refused: Answer } {
      const name = form.get('code') ?? '';
      const code = codes.get(name);
      codes.delete(name);
      const challenge = createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url');
      if (code === undefined) return refused('54005: OAuth2 Authorization code was already redeemed.');
      if (code.expiresAt <= clock.now()) return refused('70008: The provided authorization code has expired.');
      if (code.redirectUri !== form.get('redirect_uri')) return refused('500112: The reply address does not match.');
      if (code.challenge !== null && code.challenge !== challenge) {
        return refused('501481: The Code_Verifier does not match the code_challenge.');
      }
      return { signIn: code.signIn, scope: code.scope, idToken: idTokenOf(code) };
    },
  };
}

function refused(text: string): { readonly refused: Answer } {
  return { refused: entraProblem(400, 'invalid_grant', text) };
}

function formOf(choices: ReadonlyMap<string, { readonly label: string }>): string {
  const buttons = [...choices].map(
    ([value, { label }]) => `<p><button name="choice" value="${value}">${label}</button>`,
  );
  return `<h1>Sign in (local cloud)</h1><form method="post">${buttons.join('')}</form>`;
}

function page(status: number, content: string): Answer {
  const body = `<!doctype html><title>Sign in</title>${content}`;
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}
