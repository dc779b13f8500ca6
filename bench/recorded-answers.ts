import { request } from 'undici';
import { functionKey } from './measured-process.ts';
import { listRoutes } from './routes.ts';

/** One of the app's answers: what a bare handler returns to send the same. */
export type RecordedAnswer = {
  readonly name: string;
  readonly authLevel: 'anonymous' | 'function';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly base64: string;
};

/** The host adds these to every answer of any app. */
const ownHeaders = ['date', 'server', 'connection', 'keep-alive', 'transfer-encoding'];

/** Where a bare handler returns the answer of a route. */
export function createBarePath(name: string, path: string): string {
  return `/api/bare/${name}${/\?.*/.exec(path)?.[0] ?? ''}`;
}

/**
 * The answers to all requests that are always the same, of the app or, with another `createPath`, of whoever repeats them; and
 * the entity tag of its page of 50.
 */
export async function recordAnswers(
  origin: string,
  hostHeaders: readonly string[],
  createPath = (_name: string, path: string) => path,
) {
  const left = new Set([...ownHeaders, ...hostHeaders.map((name) => name.toLowerCase())]);
  const answers: RecordedAnswer[] = [];
  let etag = '';
  for (const [name, { path, headers, status, isRepeated }] of listRoutes()) {
    if (!isRepeated) continue;
    const known = status === 304 ? { 'if-none-match': etag } : {};
    const answer = await request(`${origin}${createPath(name, path)}`, {
      headers: { ...headers, ...known, 'x-functions-key': functionKey },
    });
    if (name === 'page') etag = String(answer.headers['etag']);
    const given = Object.entries(answer.headers).filter(([header]) => !left.has(header));
    answers.push({
      name,
      authLevel: name === 'live' ? 'anonymous' : 'function',
      status: answer.statusCode,
      headers: Object.fromEntries(given.map(([header, value]) => [header, String(value)])),
      base64: Buffer.from(await answer.body.arrayBuffer()).toString('base64'),
    });
  }
  return { answers, etag };
}
