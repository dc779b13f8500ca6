import * as z from 'zod';
import { failureCodes } from '../errors.ts';
import { problemTypes } from '../http/problem-types.ts';
import { heldSnapshotSchema } from './snapshot-schema.ts';

const parameterProblem = z.object({
  parameter: z.string().describe('The parameter at fault.'),
  code: z.string().describe('What is wrong with it.'),
  detail: z.string().describe('The same in words.'),
  allowed: z.array(z.string()).describe('The values or names to choose from.').optional(),
});

const settingProblem = z.object({
  setting: z.string().describe('The setting at fault.'),
  expected: z.string().describe('What it expects.'),
});

/** The body of every failure (RFC 9457). */
export const problemSchema = z
  .object({
    type: z.string().describe('An identifier of the kind of problem.'),
    title: z.string().describe('The kind of problem in words.'),
    status: z.int().describe('The HTTP status.'),
    instance: z.string().describe("The request's id."),
    code: z.enum(Object.keys(problemTypes)).describe('The kind of problem as a code to branch on.'),
    detail: z.string().describe('What is wrong with this request, or what to do.'),
    errors: z.array(parameterProblem).describe('Every problem in the request.').optional(),
    settings: z.array(settingProblem).describe('Every bad setting of the service.').optional(),
    reason: z.enum(failureCodes).describe('Why there is no newer data.').optional(),
    snapshot: heldSnapshotSchema.optional(),
  })
  .describe('Why the request failed.');
