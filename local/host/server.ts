import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { z } from 'zod';
import { parseJson } from '../parse-json.ts';
import type { HttpFunction, IndexedFunction } from './functions-index.ts';
import { buildRequestDatum, readBody } from './http-request.ts';
import { emptyAnswer, type HttpAnswer, readAnswer, sendAnswer } from './http-response.ts';
import type { Invoke } from './invocation.ts';
import { isAllowed, type Keys } from './keys.ts';
import { describeThrown, type HostLog } from './log.ts';
import { parsePath } from './routes.ts';
import type { Timers } from './timers.ts';

export type ServerOptions = {
  /** In order of name: the first that matches answers. */
  readonly functions: readonly IndexedFunction[];
  readonly keys: Keys;
  readonly customHeaders: Readonly<Record<string, string>>;
  readonly homepage: boolean;
  readonly invoke: Invoke;
  readonly timers: Timers;
  readonly log: HostLog;
};

const maxRequestLineBytes = 8192;
const maxHeadersBytes = 32 * 1024;
/** The Host headers that Kestrel takes (HttpUtilities.IsHostHeaderValid); not all of them make a URL. */
const kestrelHost = /^(?:(?:\[[\da-f:.]{3,}\]|[\w!$&'().~-]+)(?::\d+)?)?$/i;
const jsonObject = z.looseObject({});
const closing = { 'content-length': '0', connection: 'close' };

/** The HTTP side of the host; its answers are those observed from Microsoft's own. */
export function createHostServer(options: ServerOptions): Server {
  const server = createServer({ maxHeaderSize: maxRequestLineBytes + maxHeadersBytes }, (request, response) => {
    // While the host stops, no connection outlives its answer.
    response.shouldKeepAlive &&= server.listening;
    void handle(request, response, options);
  });
  return server.on('clientError', refuseUnparsed);
}

async function handle(request: IncomingMessage, response: ServerResponse, options: ServerOptions): Promise<void> {
  try {
    sendAnswer(response, await answer(request, options), options.customHeaders);
  } catch (error) {
    // A client that left before its body arrived gets no answer.
    if (request.destroyed && !request.complete) return;
    options.log({ level: 'error', category: 'Host.Http', message: describeThrown(error) });
    sendAnswer(response, emptyAnswer(500), options.customHeaders);
  }
}

async function answer(request: IncomingMessage, options: ServerOptions): Promise<HttpAnswer> {
  const { method = '', url = '' } = request;
  if (method.length + url.length + ' HTTP/1.1\r\n'.length + 1 > maxRequestLineBytes) return refusal(414);
  if (countHeaderBytes(request) > maxHeadersBytes) return refusal(431);
  const path = parsePath(url);
  if (path === undefined || !kestrelHost.test(request.headers.host ?? '')) return refusal(400);

  if (path === '/') return options.homepage ? welcome() : emptyAnswer(204);
  const [, byHand] = /^\/admin\/functions\/([^/]+)\/?$/i.exec(path) ?? [];
  if (byHand !== undefined && method === 'POST') return await runByHand(request, byHand, options);
  for (const target of options.functions) {
    if (target.kind !== 'http' || !target.methods.includes(method)) continue;
    const params = target.route.match(path);
    if (params !== undefined) return await callFunction(request, target, params, options);
  }
  return emptyAnswer(404);
}

async function callFunction(
  request: IncomingMessage,
  target: HttpFunction,
  params: Readonly<Record<string, string>>,
  { keys, invoke }: ServerOptions,
): Promise<HttpAnswer> {
  if (!isAllowed(request, keys, target.authLevel)) return emptyAnswer(401);
  const http = buildRequestDatum(request, params, await readBody(request));
  const outcome = await invoke(target, { http }, request.headersDistinct['traceparent']?.[0]);
  return outcome.succeeded ? readAnswer(outcome.http, request.method) : emptyAnswer(500);
}

async function runByHand(request: IncomingMessage, name: string, options: ServerOptions): Promise<HttpAnswer> {
  const { functions, keys, timers } = options;
  if (!isAllowed(request, keys, 'admin')) return emptyAnswer(401);
  const target = functions.find((each) => each.name.toLowerCase() === name.toLowerCase());
  if (target === undefined) return emptyAnswer(404);
  const body = await readBody(request);
  const isJson =
    /^application\/json\b/i.test(request.headers['content-type'] ?? '') &&
    jsonObject.safeParse(parseJson(body.toString())).success;
  // HTTP functions have a route of their own to be called by.
  if (!isJson || target.kind !== 'timer') return emptyAnswer(400);
  void timers.run(target);
  return emptyAnswer(202);
}

/** Answers what node:http does not accept as a request; like Kestrel, closes the connection. */
function refuseUnparsed(error: Error & { code?: string; rawPacket?: Buffer }, socket: Duplex): void {
  if (!socket.writable) return;
  const lineEnd = error.rawPacket?.indexOf('\n') ?? -1;
  const isLongLine = lineEnd < 0 || lineEnd > maxRequestLineBytes;
  const overflow = isLongLine ? 414 : 431;
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? overflow : 400;
  const date = new Date().toUTCString();
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-length: 0\r\nconnection: close`;
  socket.end(`${head}\r\ndate: ${date}\r\nserver: Kestrel\r\n\r\n`);
}

function refusal(status: number): HttpAnswer {
  return { ...emptyAnswer(status), headers: closing };
}

function welcome(): HttpAnswer {
  const body = Buffer.from('<!doctype html><title>Functions</title><p>Your development host is up and running.</p>\n');
  return { status: 200, headers: { 'content-type': 'text/html' }, body };
}

function countHeaderBytes(request: IncomingMessage): number {
  // Each line has a colon and a line end besides name and value.
  return request.rawHeaders.reduce((length, text) => length + text.length + 2, 0);
}
