import { z } from 'zod';
import { readTokenClaims } from '../shared/partner-center/token.ts';
import { trimTrailingSlashes } from '../shared/settings.ts';
import type { Passed } from './report.ts';
import { CommandError } from './command-line.ts';

const claimSet = z.looseObject({
  aud: z.string(),
  tid: z.string().optional(),
  scp: z.string().default(''),
  amr: z.array(z.string()).default([]),
});

/** The first-party resource "Microsoft Partner Center": the audience of its tokens of version 2. */
const partnerCenterAppId = 'fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd';

/** The API and tenant an access token must be for. */
export type Expected = { readonly apiUrl: string; readonly tenantId: string };

/**
 * The reasons why Partner Center would refuse an access token, by its claims (Partner Center docs, "Mandating MFA": `amr`, `aud`,
 * `scp`); `undefined` when the claims cannot be read. Partner Center itself checks the signature.
 */
export function findClaimProblems(accessToken: string, { apiUrl, tenantId }: Expected): readonly string[] | undefined {
  const claims = readTokenClaims(accessToken, claimSet);
  if (claims === undefined) return undefined;
  const audience = trimTrailingSlashes(claims.aud);
  return [
    ...(claims.amr.includes('mfa') ? [] : ['the sign-in was without MFA']),
    ...(audience === apiUrl || audience === partnerCenterAppId ? [] : ['the token is for another API']),
    ...(claims.scp.split(' ').includes('user_impersonation') ? [] : ['the permission user_impersonation is missing']),
    ...(claims.tid?.toLowerCase() === tenantId.toLowerCase() ? [] : ['the user belongs to another tenant']),
  ];
}

/** Checks the claims of an access token. Throws CommandError that names every problem. */
export function checkClaims(accessToken: string, expected: Expected): Passed<true> {
  const problems = findClaimProblems(accessToken, expected);
  if (problems === undefined) return { value: true, detail: 'its claims cannot be read: Partner Center decides' };
  if (problems.length === 0) {
    return { value: true, detail: `MFA, scope user_impersonation, audience ${expected.apiUrl}, the right tenant` };
  }
  throw new CommandError({
    what: `UpstreamAuthRequired: ${problems.join('; ')}`,
    cure: 'npm run consent, in a private window, as a user of the partner tenant who goes through MFA',
  });
}
