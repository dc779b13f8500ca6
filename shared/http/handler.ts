import type { HttpHandler, HttpRequest } from '@azure/functions';
import type { OperationContext } from '../context.ts';
import { RefusedError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { SnapshotStatus } from '../reading/snapshot-reader.ts';
import { withoutBody } from './message.ts';
import type { Answer, ApiRequest, HeaderReader } from './message.ts';
import type { Access, Authorise } from './caller.ts';
import type { InvocationLogs } from './invocation-log.ts';
import { problemAnswer, toProblem } from './problem.ts';
import type { ProblemCode } from './problem-texts.ts';

/** Answers a request, or throws RefusedError or DependencyError. */
export type RequestHandler = (request: ApiRequest) => Answer | Promise<Answer>;

/** Well below the 120 s after which a flow's action times out. */
const defaultDeadlineMs = 90_000;

export type HttpHandlerOptions = {
  readonly handle: RequestHandler;
  readonly access: Access;
  readonly authorise: Authorise;
  readonly logs: InvocationLogs;
  /** The snapshot in memory: error bodies state its age. */
  readonly getSnapshotStatus: () => SnapshotStatus | undefined;
  /** Scheme, host and path prefix of links; the request's own when it is not set. */
  readonly publicBaseUrl: string | undefined;
  /** Milliseconds until `context.signal` aborts; 90 seconds by default. */
  readonly deadlineMs?: number | undefined;
};

/** Wraps a RequestHandler with authorization, request ids, logging, error handling and support for HEAD. */
export function createHttpHandler(options: HttpHandlerOptions): HttpHandler {
  const { handle, access, authorise, logs, getSnapshotStatus, publicBaseUrl } = options;
  const { deadlineMs = defaultDeadlineMs } = options;

  return async function handleRequest(received, invocation) {
    const requestId = invocation.invocationId;
    const { correlationId, traceparent } = readCorrelation(received.headers, requestId);
    const context = new RequestContext(logs.start(invocation), correlationId, deadlineMs);
    const request = new ReceivedRequest(requestId, received, context, publicBaseUrl);
    try {
      if (access !== 'anybody') authorise(request.headers, access);
      return complete(await handle(request), request, traceparent);
    } catch (error) {
      return complete(answerProblem(error, request, getSnapshotStatus()), request, traceparent);
    } finally {
      logs.end(invocation);
    }
  };
}

/** The answer with the ids of its request, and without a body for HEAD. */
function complete(answer: Answer, { requestId, method, context }: ApiRequest, traceparent: string | undefined): Answer {
  const headers: Record<string, string> = {
    ...answer.headers,
    'x-ms-request-id': requestId,
    'ms-correlationid': context.correlationId,
  };
  if (traceparent !== undefined) headers['traceparent'] = traceparent;
  const completed = { ...answer, headers };
  return method === 'HEAD' ? withoutBody(completed) : completed;
}

/** Turns an error into a problem answer. Logs defects, refused callers and outages, which no other log line reports. */
function answerProblem(error: unknown, request: ApiRequest, snapshotStatus: SnapshotStatus | undefined): Answer {
  const { requestId, headers, context } = request;
  const problem = toProblem(error);
  if (problem.code === 'InternalError') context.log('request.failed', describeDefect(error));
  else if (error instanceof RefusedError && error.refusal.kind === 'CallerRefused') {
    context.log('caller.refused', { reason: error.refusal.reason, role: error.refusal.role });
  } else if (outages.includes(problem.code)) {
    context.log('read.unavailable', { code: problem.code, reason: problem.reason });
  }
  return problemAnswer(problem, { requestId, headers, snapshotStatus });
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

/** Reads of the library's request only what a function asks for. */
class ReceivedRequest implements ApiRequest {
  readonly requestId: string;
  readonly method: string;
  readonly headers: HeaderReader;
  readonly context: OperationContext;
  readonly #received: HttpRequest;
  readonly #publicBaseUrl: string | undefined;
  #url: URL | undefined;

  constructor(requestId: string, received: HttpRequest, context: OperationContext, publicBaseUrl: string | undefined) {
    this.requestId = requestId;
    this.method = received.method;
    this.headers = received.headers;
    this.context = context;
    this.#received = received;
    this.#publicBaseUrl = publicBaseUrl;
  }

  get address(): string {
    return this.#received.url;
  }

  get params(): Readonly<Record<string, string>> {
    return this.#received.params;
  }

  /** Most requests repeat an earlier one, whose URL was parsed then. */
  get url(): URL {
    return (this.#url ??= new URL(this.address));
  }

  linkToRoute(query: string): string {
    const { origin, pathname } = this.url;
    return `${this.#publicBaseUrl ?? origin}${pathname}?${query}`;
  }

  linkToSibling(path: string): string {
    const { origin, pathname } = this.url;
    return `${this.#publicBaseUrl ?? origin}${pathname.replace(/[^/]*\/?$/, path)}`;
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
  const given = headers.get('ms-correlationid');
  const traceparent = headers.get('traceparent');
  const traceId = traceparent === null ? undefined : traceparentForm.exec(traceparent)?.[1];
  const ownId = traceId === undefined ? invocationId : formatGuid(traceId);
  return {
    correlationId: given !== null && guid.test(given) ? given.toLowerCase() : ownId,
    traceparent: traceId === undefined || traceparent === null ? undefined : traceparent,
  };
}

function formatGuid(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
