import { z } from 'zod';
import { failureCodes } from '../errors.ts';
import { problemTypes } from '../http/problem-types.ts';
import { member } from './member.ts';
import { heldSnapshotSchema, heldStates, shared, snapshotSchema } from './usage-schemas.ts';

const instant = z.iso.datetime();
const text = z.string();

/** The answer of `POST /api/refresh`: the outcome, and the list it left when it is over. */
export const refreshOutcomeSchema = z
  .object({
    outcome: member(
      z.enum(['published', 'unchanged', 'running']),
      'Outcome',
      'Whether the list is new, is as it was, or the refresh goes on.',
    ),
    snapshot: snapshotSchema.optional(),
  })
  .meta({ title: 'Refresh Outcome', description: 'What became of the refresh.' });

/** The answer of `GET /api/health/live`. */
export const livenessSchema = z
  .object({ status: member(z.literal('pass'), 'Status', 'Always pass: the process answers.') })
  .meta({ title: 'Liveness', description: 'The process answers.' });

const healthSnapshot = z
  .object({
    period: shared.period,
    fetchedAt: shared.fetchedAt,
    state: member(z.enum(heldStates), 'State', 'How old the data is.'),
    recordCount: shared.recordCount,
    oddRecordCount: member(
      z.int().min(0),
      'Odd Record Count',
      'How many of them have members of an undocumented type.',
    ),
  })
  .nullable();

const lastFailure = z
  .object({
    code: member(z.enum(failureCodes), 'Code', 'Why the last refresh failed.'),
    count: member(z.int().min(1), 'Count', 'How many have failed one after another.'),
    at: member(instant, 'At', 'When the last one failed.'),
    notBefore: member(
      instant.nullable(),
      'Not Before',
      'No refresh starts before; null: none before there is a new refresh token.',
    ),
    upstreamCode: member(text.nullable(), 'Upstream Code', 'The code of Partner Center or Entra, when one came.'),
    cure: member(text.nullable(), 'Cure', 'What ends it, as one word of a list in the documentation.'),
    detail: member(text.nullable(), 'Detail', 'Cause and cure in words.'),
  })
  .nullable();

const refreshToken = z
  .object({
    issuedAt: member(instant, 'Issued At', 'When the stored refresh token was issued.'),
    ageDays: member(z.int(), 'Age Days', 'Its age in whole days; it dies on day 90.'),
  })
  .nullable();

/** The answer of `GET /api/health/ready`. */
export const healthSchema = z
  .object({
    status: member(z.enum(['pass', 'warn', 'fail']), 'Status', 'Whether all is well, to be looked at, or unusable.'),
    warnings: member(
      z.array(z.enum(['data-old', 'token-old', 'refresh-failed', 'odd-records'])),
      'Warnings',
      'What is to be looked at.',
    ),
    snapshot: member(healthSnapshot, 'Snapshot', 'The list at hand; null when there is none.'),
    lastFailure: member(lastFailure, 'Last Failure', 'The failure that no success has followed; null when none.'),
    refreshToken: member(refreshToken, 'Refresh Token', 'The stored refresh token; null when its age is unknown.'),
  })
  .meta({ title: 'Health', description: 'How old the data is and whether the refresh token lives.' });

const parameterProblem = z.object({
  parameter: member(text, 'Parameter', 'The parameter at fault.'),
  code: member(text, 'Code', 'What is wrong with it.'),
  detail: member(text, 'Detail', 'The same in words.'),
  allowed: member(z.array(text), 'Allowed', 'The values or names to choose from.').optional(),
});

const settingProblem = z.object({
  setting: member(text, 'Setting', 'The setting at fault.'),
  expected: member(text, 'Expected', 'What it expects.'),
});

/** The body of every failure (RFC 9457). */
export const problemSchema = z
  .object({
    type: member(text, 'Type', 'An identifier of the kind of problem.'),
    title: member(text, 'Title', 'The kind of problem in words.'),
    status: member(z.int(), 'Status', 'The HTTP status.'),
    instance: member(text, 'Instance', "The request's id."),
    code: member(z.enum(Object.keys(problemTypes)), 'Code', 'The kind of problem as a word to switch on.'),
    detail: member(text, 'Detail', 'What is wrong with this very request, or what to do.'),
    errors: member(z.array(parameterProblem), 'Errors', 'Every mistake of the request.').optional(),
    settings: member(z.array(settingProblem), 'Settings', 'Every bad setting of the service.').optional(),
    reason: member(z.enum(failureCodes), 'Reason', 'Why there is no newer data.').optional(),
    snapshot: heldSnapshotSchema.optional(),
  })
  .meta({ title: 'Problem', description: 'Why there is no answer.' });

/** A description of this service. */
export const descriptionSchema = z
  .looseObject({})
  .meta({ title: 'Description', description: 'A description of this service that tools can read.' });
