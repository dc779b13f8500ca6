import * as z from 'zod';
import { failureCodes } from '../errors.ts';
import { snapshotMembers } from './snapshot-schema.ts';

const instant = z.iso.datetime();

/** The answer of `GET /api/health/live`. */
export const livenessSchema = z
  .object({ status: z.literal('pass').describe('Always pass: the process answers.') })
  .describe('The process answers.');

const warning = z.enum(['data-old', 'token-old', 'refresh-failed', 'odd-records']);

/** What each warning means, for the documents. */
export const warningMeanings: Readonly<Record<z.output<typeof warning>, string>> = {
  'data-old': 'The last good snapshot is older than two refresh intervals.',
  'token-old': 'The stored refresh token is 60 days old or more. It expires at 90.',
  'refresh-failed': 'The last refresh failed. `lastFailure` says why and when the next may start.',
  'odd-records':
    'Some records have members that are not of the documented type. `upstream.odd-records` in the log names the members.',
};

const snapshot = z
  .object({
    ...snapshotMembers,
    state: snapshotMembers.state.describe('How old the data is.'),
    oddRecordCount: z.int().min(0).describe('How many of them have members of an undocumented type.'),
  })
  .nullable();

const lastFailure = z
  .object({
    code: z.enum(failureCodes).describe('Why the last refresh failed.'),
    count: z.int().min(1).describe('How many refreshes have failed in a row.'),
    at: instant.describe('When the last one failed.'),
    notBefore: instant
      .nullable()
      .describe('When the next refresh may start; null: not before the refresh-token secret has a new version.'),
    upstreamCode: z
      .string()
      .nullable()
      .describe(
        'The code of Partner Center, such as 900421, or of Entra, such as AADSTS700082; null when there was none.',
      ),
    cure: z
      .string()
      .nullable()
      .describe(
        'What ends the failure, as a word that the documentation explains; null when an older release wrote it.',
      ),
    detail: z.string().nullable().describe('Cause and cure in words.'),
  })
  .nullable();

const refreshToken = z
  .object({
    issuedAt: instant.describe('When the stored refresh token was issued.'),
    ageDays: z.int().describe('Its age in whole days; it expires on day 90.'),
  })
  .nullable();

/** The answer of `GET /api/health/ready`. */
export const healthSchema = z
  .object({
    status: z
      .enum(['pass', 'warn', 'fail'])
      .describe('pass (200), warn (200; look soon) or fail (503; there is no snapshot or it has expired).'),
    warnings: z.array(warning).describe('What needs attention; empty when nothing does.'),
    snapshot: snapshot.describe('The last good snapshot; null when there is none.'),
    lastFailure: lastFailure.describe('The last failure; null after a success.'),
    refreshToken: refreshToken.describe('The stored refresh token; null when its age is unknown.'),
  })
  .describe('How old the data and the refresh token are.');

export type Health = z.output<typeof healthSchema>;
