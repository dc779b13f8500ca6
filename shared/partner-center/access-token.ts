import { z } from 'zod';

const claims = z.looseObject({ amr: z.array(z.string()) });

/**
 * Whether the token says that its user signed in with multi-factor authentication; `undefined` when it does not tell.
 * For the log only: the signature is not checked, and Partner Center decides.
 */
export function hasMfa(accessToken: string): boolean | undefined {
  const [, payload] = accessToken.split('.');
  if (payload === undefined) return undefined;
  try {
    return claims.parse(JSON.parse(Buffer.from(payload, 'base64url').toString())).amr.includes('mfa');
  } catch {
    return undefined;
  }
}
