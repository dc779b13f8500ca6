import { hash, randomBytes } from 'node:crypto';
import type { Answer, Exchange } from '../http.ts';
import type { CloudState } from '../control/state.ts';

const codeLifeMs = 10 * 60_000;
const otherTenantId = 'e4a1c0de-5b0b-4a2e-9d3c-7f1e2d3c4b5a';

/** A user of the partner tenant without the Admin agent role, whom Partner Center refuses. */
export const readerName = 'reader@partner.example';

/** Who signed in and how; every token of the sign-in and of its refresh tokens carries it. */
export type SignIn = { readonly upn: string; readonly tid: string; readonly amr: readonly string[] };

type Code = { readonly expiresAt: number; readonly request: URLSearchParams; readonly signIn: SignIn };

type Redeemed = { readonly signIn: SignIn; readonly scope: string; readonly idToken: string };

export type AuthorizeOptions = {
  readonly url: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly apiUrl: string;
};

/** Entra's sign-in page, which asks how the sign-in ends, and the codes it issues. */
export function createEntraAuthorize({ clock, tokens }: CloudState, options: AuthorizeOptions) {
  const { url, tenantId, clientId, apiUrl } = options;
  const codes = new Map<string, Code>();
  const agent: SignIn = { upn: 'admin.agent@partner.example', tid: tenantId, amr: ['pwd', 'mfa'] };
  const choices = new Map<string, { readonly label: string; readonly signIn?: SignIn }>([
    ['mfa', { label: 'Sign in with MFA', signIn: agent }],
    ['no-mfa', { label: 'Sign in without MFA', signIn: { ...agent, amr: ['pwd'] } }],
    ['other-tenant', { label: 'Sign in as a user of another tenant', signIn: { ...agent, tid: otherTenantId } }],
    ['no-role', { label: 'Sign in without the Admin agent role', signIn: { ...agent, upn: readerName } }],
    ['decline', { label: 'Decline' }],
  ]);

  /** Entra shows these mistakes on its own page and redirects nobody. */
  function findRequestProblem(query: URLSearchParams): string | undefined {
    if (query.get('client_id') !== clientId) return 'AADSTS700016: Application was not found in the directory.';
    // Like Entra, which ignores the port of a localhost address.
    if (!/^http:\/\/localhost(:\d+)?\/callback$/.test(query.get('redirect_uri') ?? '')) {
      return 'AADSTS50011: The redirect URI does not match the redirect URIs configured for the application.';
    }
    return query.get('response_type') === 'code' ? undefined : 'AADSTS700054: response_type must be code.';
  }

  function decide(request: URLSearchParams, choice: string): Readonly<Record<string, string>> {
    const signIn = choices.get(choice)?.signIn;
    if (signIn === undefined) {
      const description = 'AADSTS65004: User declined to consent to access the app.';
      return { error: 'access_denied', error_subcode: 'cancel', error_description: description };
    }
    if (!(request.get('scope') ?? '').split(' ').includes(`${apiUrl}/user_impersonation`)) {
      const description = 'AADSTS70011: The provided value for the scope is not valid.';
      return { error: 'invalid_scope', error_description: description };
    }
    const code = `0.A${randomBytes(60).toString('base64url')}`;
    codes.set(code, { expiresAt: clock.now() + codeLifeMs, request, signIn });
    return { code, session_state: randomBytes(16).toString('hex') };
  }

  function issueIdToken({ request, signIn: { upn, tid } }: Code): string {
    const nonce = request.get('nonce');
    const user = { sub: upn, preferred_username: upn, tid, ...(nonce !== null && { nonce }) };
    // Entra signs with a key that nobody fetches here: a client gets this token from the token endpoint itself.
    return tokens.issue({ iss: `${url}/${tenantId}/v2.0`, aud: clientId, ...user }, 3600, { alg: 'RS256' });
  }

  return {
    /** The sign-in behind the refresh token that the vault holds from the start. */
    consented: agent,
    /** `GET` shows the choices, `POST` takes one and redirects to the app. */
    handle({ method, url: asked, body }: Exchange): Answer {
      const query = asked.searchParams;
      const problem = findRequestProblem(query);
      if (problem !== undefined) return renderPage(400, `<p>${problem}</p>`);
      if (method === 'GET') return renderPage(200, renderForm(choices));
      const outcome = decide(query, new URLSearchParams(body.toString()).get('choice') ?? 'decline');
      const redirect = new URL(query.get('redirect_uri') ?? '');
      redirect.search = new URLSearchParams({ ...outcome, state: query.get('state') ?? '' }).toString();
      return { status: 302, headers: { location: redirect.href } };
    },
    /** Redeems a code once, for the app and redirect URI it was issued to. */
    redeem(form: URLSearchParams): Redeemed | { readonly problem: string } {
      const name = form.get('code') ?? '';
      const code = codes.get(name);
      codes.delete(name);
      if (code === undefined) return { problem: '54005: OAuth2 Authorization code was already redeemed.' };
      if (code.expiresAt <= clock.now()) return { problem: '70008: The provided authorization code has expired.' };
      const { request } = code;
      if (request.get('redirect_uri') !== form.get('redirect_uri')) {
        return { problem: '500112: The reply address does not match.' };
      }
      const challenge = request.get('code_challenge');
      if (challenge !== null && challenge !== hash('sha256', form.get('code_verifier') ?? '', 'base64url')) {
        return { problem: '501481: The Code_Verifier does not match the code_challenge.' };
      }
      return { signIn: code.signIn, scope: request.get('scope') ?? '', idToken: issueIdToken(code) };
    },
  };
}

function renderForm(choices: ReadonlyMap<string, { readonly label: string }>): string {
  const buttons = [...choices].map(
    ([value, { label }]) => `<p><button name="choice" value="${value}">${label}</button>`,
  );
  return `<h1>Sign in (local cloud)</h1><form method="post">${buttons.join('')}</form>`;
}

function renderPage(status: number, content: string): Answer {
  const body = `<!doctype html><title>Sign in</title>${content}`;
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}
