import type { HttpHandler } from '@azure/functions';
import type { Call } from '../call.ts';
import type { HeldSnapshot } from '../refresh/snapshot-reader.ts';
import type { Clock } from '../clock.ts';
import { CallerRefusedError } from '../errors.ts';
import { withoutBody } from './answer.ts';
import type { Answer } from './answer.ts';
import type { Access, Authorise } from './caller.ts';
import { correlationOf } from './correlation.ts';
import type { HeaderReader } from './correlation.ts';
import type { RunWithLog } from './invocation-log.ts';
import { problemAnswer, problemOf } from './problem.ts';
import type { Problem } from './problem.ts';

/** A request as the routes see it: URL as received, route values, headers, and the call that goes with it. */
export type ApiRequest = {
  /** The invocation's id: `instance` of a problem, `x-ms-request-id` of every answer. */
  readonly requestId: string;
  readonly method: string;
  readonly url: URL;
  readonly params: Readonly<Record<string, string>>;
  readonly headers: HeaderReader;
  readonly call: Call;
  /** Answers with a problem that no exception stands for. */
  readonly answerProblem: (problem: Problem) => Answer;
};

/** Answers a request, or throws one of the errors of shared/errors.ts. */
export type Route = (request: ApiRequest) => Promise<Answer>;

/** An answer must be out well before a flow's action gives up at 120 s. */
const usualDeadlineMs = 90_000;

export type HttpHandlerOptions = {
  readonly route: Route;
  readonly access: Access;
  readonly authorise: Authorise;
  readonly clock: Clock;
  readonly runWithLog: RunWithLog;
  /** What errors say the age of. */
  readonly held: () => HeldSnapshot | undefined;
  /** When the request's own signal aborts. */
  readonly deadlineMs?: number | undefined;
};

/** Makes a route a function: who may call it, ids, log, one catch for everything, and no body for HEAD. */
export function createHttpHandler({
  route,
  access,
  authorise,
  clock,
  runWithLog,
  held,
  deadlineMs = usualDeadlineMs,
}: HttpHandlerOptions): HttpHandler {
  return async function handleRequest(request, context) {
    const startedAt = clock();
    const { invocationId: requestId } = context;
    const { headers: given } = request;
    const answerProblem = (problem: Problem) => problemAnswer(problem, { requestId, headers: given, held: held() });
    const { correlationId, traceparent } = correlationOf(given, requestId);
    const answer = await runWithLog(context, async (log) => {
      const call: Call = { log, signal: AbortSignal.timeout(deadlineMs), correlationId };
      const made = await answerOrProblem(answerProblem, call, async () => {
        if (access !== 'anybody') authorise(given, access);
        return route({
          requestId,
          method: request.method,
          url: new URL(request.url),
          params: request.params,
          headers: given,
          call,
          answerProblem,
        });
      });
      log('read.served', { status: made.status, durationMs: clock() - startedAt, correlationId });
      return made;
    });
    const headers = {
      ...answer.headers,
      'x-ms-request-id': requestId,
      'ms-correlationid': correlationId,
      ...(traceparent === undefined ? {} : { traceparent }),
    };
    return request.method === 'HEAD' ? withoutBody({ ...answer, headers }) : { ...answer, headers };
  };
}

async function answerOrProblem(
  answerProblem: ApiRequest['answerProblem'],
  call: Call,
  route: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await route();
  } catch (error) {
    const problem = problemOf(error);
    const answer = answerProblem(problem);
    if (problem.code === 'InternalError') call.log('request.failed', failureFields(error));
    else if (error instanceof CallerRefusedError) {
      call.log('caller.refused', { reason: error.reason, role: error.role });
    } else if (answer.status === 503) call.log('read.unavailable', { code: problem.code, reason: problem.reason });
    return answer;
  }
}

/** An error's own text may quote data, so a log line names only its kind and where it was thrown. */
function failureFields(error: unknown) {
  if (!(error instanceof Error)) return { error: typeof error };
  const frames = (error.stack ?? '').split('\n').filter((line) => line.trimStart().startsWith('at '));
  return { error: error.name, at: frames.slice(0, 3).join(' ').replaceAll(/\s+/g, ' ').trim() };
}
