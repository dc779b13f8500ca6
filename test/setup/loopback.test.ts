import { once } from 'node:events';
import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLoopback } from '../../setup/consent/loopback.ts';

let loopback: Awaited<ReturnType<typeof openLoopback>>;

beforeEach(async () => {
  loopback = await openLoopback(0);
});
afterEach(() => loopback.close());

async function ask(path: string): Promise<number | undefined> {
  const { port } = new URL(loopback.redirectUri);
  const [answer]: IncomingMessage[] = await once(get({ host: '127.0.0.1', port, path }), 'response');
  answer?.resume();
  return answer?.statusCode;
}

describe('openLoopback', () => {
  it.each(['//', 'http://[', '/callback/', '/favicon.ico'])('answers 404 to %s, and goes on waiting', async (path) => {
    const redirect = loopback.waitForRedirect('ours', new AbortController().signal);
    expect(await ask(path)).toBe(404);
    expect(await ask('/callback?state=guessed&code=stolen')).toBe(400);
    expect(await ask('/callback?state=ours&code=c')).toBe(200);
    expect((await redirect).get('code')).toBe('c');
  });
});
