import * as z from 'zod';
import { parseJson } from '../parse-json.ts';

const mfaClaims = z.looseObject({ amr: z.array(z.string()) });

/**
 * Whether the token says that its user signed in with multi-factor authentication; `undefined` when it does not tell.
 * For the log only: the signature is not checked, and Partner Center decides.
 */
export function hasMfa(accessToken: string): boolean | undefined {
  return readTokenClaims(accessToken, mfaClaims)?.amr.includes('mfa');
}

/** The claims of a JSON Web Token, unverified; `undefined` when they cannot be read or do not fit. */
export function readTokenClaims<Schema extends z.ZodType>(token: string, claims: Schema): z.output<Schema> | undefined {
  const [, payload = ''] = token.split('.');
  return parseJson(Buffer.from(payload, 'base64url').toString(), claims);
}
