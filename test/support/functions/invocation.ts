import { randomUUID } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { HttpRequest, HttpResponse, InvocationContext } from '@azure/functions';
import type { HttpHandler, TimerHandler } from '@azure/functions';
import { z } from 'zod';

const logLine = z.looseObject({ event: z.string() });

/** What a function logged, and at which level. */
type LoggedLine = z.infer<typeof logLine> & { readonly level: string };

type Asked = {
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** Calls a function's handler as the host's library would, with a request below `http://localhost:7071`. */
export async function invoke(
  handler: HttpHandler,
  path: string,
  { headers = {}, method = 'GET', params = {}, body: sent }: Asked = {},
) {
  const { context, events, end } = createContext();
  const url = path.startsWith('http') ? path : `http://localhost:7071${path}`;
  const request = new HttpRequest({
    method,
    url,
    headers: { ...headers },
    params: { ...params },
    ...(sent === undefined ? {} : { body: { string: sent } }),
  });
  const response = new HttpResponse(await handler(request, context));
  end();
  const bytes = Buffer.from(await response.arrayBuffer());
  const isPlain = response.headers.get('content-encoding') === null;
  const body = (isPlain ? bytes : gunzipSync(bytes)).toString();
  return {
    invocationId: context.invocationId,
    status: response.status,
    headers: Object.fromEntries(response.headers),
    /** As sent, and as text after decoding. */
    bytes,
    body,
    json: response.headers.get('content-type')?.includes('json') === true ? jsonOf(body) : undefined,
    events,
  };
}

/** Runs a timer's handler once, and gives what it logged. */
export async function runTimer(handler: TimerHandler): Promise<readonly LoggedLine[]> {
  const { context, events, end } = createContext();
  const at = '2026-11-20T12:00:00.000Z';
  const scheduleStatus = { last: at, next: at, lastUpdated: at };
  await handler({ isPastDue: false, schedule: { adjustForDST: false }, scheduleStatus }, context);
  end();
  return events;
}

/** Keeps what is logged until the invocation ends: the host drops the rest. */
function createContext() {
  const events: LoggedLine[] = [];
  let hasEnded = false;
  const context = new InvocationContext({
    invocationId: randomUUID(),
    functionName: 'test',
    logHandler: (level, ...args) => {
      if (!hasEnded) events.push({ ...logLine.parse(jsonOf(String(args[0]))), level });
    },
  });
  return { context, events, end: () => (hasEnded = true) };
}

function jsonOf(text: string): unknown {
  return text === '' ? undefined : JSON.parse(text);
}
