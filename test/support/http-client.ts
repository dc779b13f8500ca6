import { request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';

export type Reply = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As text, whatever its coding. */
  readonly body: string;
  readonly bytes: Buffer;
};
export type SendOptions = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string;
};

/** Sends a path exactly as written: no client-side tidying of dots, slashes and escapes. */
export async function send(base: string, path: string, { method = 'GET', headers = {}, body }: SendOptions = {}) {
  const { promise, resolve: answered, reject } = Promise.withResolvers<Reply>();
  const { port } = new URL(base);
  const request = httpRequest({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', reject);
    response.on('end', () => {
      const bytes = Buffer.concat(chunks);
      answered({ status: response.statusCode ?? 0, headers: response.headers, body: bytes.toString(), bytes });
    });
  });
  request.on('error', reject);
  request.end(body);
  return await promise;
}
