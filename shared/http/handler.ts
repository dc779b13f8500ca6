import type { HttpHandler, HttpRequest } from '@azure/functions';
import type { OperationContext } from '../context.ts';
import { RefusedError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { HeldSnapshot } from '../refresh/snapshot-reader.ts';
import { withoutBody } from './message.ts';
import type { Answer, ApiRequest, HeaderReader } from './message.ts';
import type { Access, Authorise } from './caller.ts';
import type { RunWithLog } from './invocation-log.ts';
import { problemAnswer, toProblem } from './problem.ts';
import type { ProblemCode } from './problem-types.ts';

/** Answers a request, or throws RefusedError or DependencyError. */
export type RequestHandler = (request: ApiRequest) => Promise<Answer>;

/** Well below the 120 s after which a flow's action times out. */
const defaultTimeoutMs = 90_000;

export type HttpHandlerOptions = {
  readonly handle: RequestHandler;
  readonly access: Access;
  readonly authorise: Authorise;
  readonly runWithLog: RunWithLog;
  /** The snapshot in memory: error bodies state its age. */
  readonly getSnapshotInMemory: () => HeldSnapshot | undefined;
  /** When the request's own signal aborts. */
  readonly deadlineMs?: number | undefined;
};

/** Wraps a RequestHandler with authorization, request ids, logging, error handling and support for HEAD. */
export function createHttpHandler(options: HttpHandlerOptions): HttpHandler {
  const { handle, access, authorise, runWithLog, getSnapshotInMemory, deadlineMs = defaultTimeoutMs } = options;

  async function answerOrProblem(request: ApiRequest): Promise<Answer> {
    try {
      if (access !== 'anybody') authorise(request.headers, access);
      return await handle(request);
    } catch (error) {
      const { requestId, headers, context } = request;
      const problem = toProblem(error);
      if (problem.code === 'InternalError') context.log('request.failed', describeDefect(error));
      else if (error instanceof RefusedError && error.refusal.kind === 'CallerRefused') {
        context.log('caller.refused', { reason: error.refusal.reason, role: error.refusal.role });
      } else if (outages.includes(problem.code)) {
        context.log('read.unavailable', { code: problem.code, reason: problem.reason });
      }
      return problemAnswer(problem, { requestId, headers, held: getSnapshotInMemory() });
    }
  }

  return async function handleRequest(request, invocation) {
    const { invocationId: requestId } = invocation;
    const { correlationId, traceparent } = readCorrelation(request.headers, requestId);
    const answered = await runWithLog(invocation, (log) => {
      const context = new RequestContext(log, correlationId, deadlineMs);
      return answerOrProblem(new ReceivedRequest(requestId, request, context));
    });
    const headers = {
      ...answered.headers,
      'x-ms-request-id': requestId,
      'ms-correlationid': correlationId,
      ...(traceparent === undefined ? {} : { traceparent }),
    };
    return request.method === 'HEAD' ? withoutBody({ ...answered, headers }) : { ...answered, headers };
  };
}

/** Most requests are answered from memory and never ask for the signal, which costs a timer. */
class RequestContext implements OperationContext {
  readonly log: Log;
  readonly correlationId: string;
  readonly #deadlineMs: number;
  #signal: AbortSignal | undefined;

  constructor(log: Log, correlationId: string, deadlineMs: number) {
    this.log = log;
    this.correlationId = correlationId;
    this.#deadlineMs = deadlineMs;
  }

  get signal(): AbortSignal {
    return (this.#signal ??= AbortSignal.timeout(this.#deadlineMs));
  }
}

/** Most requests repeat an earlier one, whose URL was parsed then. */
class ReceivedRequest implements ApiRequest {
  readonly requestId: string;
  readonly method: string;
  readonly address: string;
  readonly params: Readonly<Record<string, string>>;
  readonly headers: HeaderReader;
  readonly context: OperationContext;
  #url: URL | undefined;

  constructor(requestId: string, { method, url, params, headers }: HttpRequest, context: OperationContext) {
    this.requestId = requestId;
    this.method = method;
    this.address = url;
    this.params = params;
    this.headers = headers;
    this.context = context;
  }

  get url(): URL {
    return (this.#url ??= new URL(this.address));
  }
}

/** Problems that no other log line reports. */
const outages: readonly ProblemCode[] = ['CacheEmpty', 'SnapshotExpired', 'StorageUnavailable'];

/** An error's own text may quote data, so a log line names only its kind and where it was thrown. */
function describeDefect(error: unknown) {
  if (!(error instanceof Error)) return { error: typeof error };
  const frames = (error.stack ?? '').split('\n').filter((line) => line.trimStart().startsWith('at '));
  return { error: error.name, at: frames.slice(0, 3).join(' ').replaceAll(/\s+/g, ' ').trim() };
}

type Correlation = {
  /** A GUID: travels to Partner Center as `MS-CorrelationId`. */
  readonly correlationId: string;
  /** The caller's own, when it is well-formed. */
  readonly traceparent: string | undefined;
};

const guid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
// W3C Trace Context, section 3.2: version, trace-id, parent-id, flags; all zeros are invalid.
const traceparentForm = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Ids from outside are taken only in their own narrow alphabet, so that nothing a caller writes reaches a log or a header as it is. */
function readCorrelation(headers: HeaderReader, invocationId: string): Correlation {
  const given = headers.get('ms-correlationid') ?? '';
  const traceparent = headers.get('traceparent') ?? '';
  const traceId = traceparentForm.exec(traceparent)?.[1];
  return {
    correlationId: guid.test(given) ? given.toLowerCase() : traceId === undefined ? invocationId : formatGuid(traceId),
    traceparent: traceId === undefined ? undefined : traceparent,
  };
}

function formatGuid(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
