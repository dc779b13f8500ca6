import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';

type Answer = readonly [status: number, body?: object];
export type Routes = Readonly<Record<string, (request: IncomingMessage) => Answer>>;

export const site = '/subscriptions/sub/resourceGroups/rg/providers/Microsoft.Web/sites/func';
export const read = '/api/customers/usagerecords';

/** A deployed app with function keys, and Azure's own API beside it. */
export const keyed: Routes = {
  '/api/health/live': () => [200, { status: 'pass' }],
  '/api/health/ready': (request) => (isCaller(request) ? [200, { status: 'pass', warnings: [] }] : [401]),
  [read]: (request) => (isCaller(request) ? [200, { value: [] }] : [401]),
  [`POST ${site}/host/default/listkeys?api-version=2024-11-01`]: (request) =>
    request.headers.authorization === 'Bearer arm-token'
      ? [200, { masterKey: 'm', functionKeys: { default: 'the-key' }, systemKeys: {} }]
      : [401],
};

/** An app whose consent died more than a week ago. */
export const expired: Routes = {
  ...keyed,
  '/api/health/ready': (request) =>
    isCaller(request) ? [503, { status: 'fail', warnings: ['refresh-failed'] }] : [401],
  [read]: (request) => {
    const problem = {
      code: 'SnapshotExpired',
      reason: 'UpstreamAuthRequired',
      snapshot: { state: 'expired', code: 'x', reason: 'y' },
    };
    return isCaller(request) ? [503, problem] : [401];
  },
};

/** An app that has had no list yet. */
export const empty: Routes = {
  ...keyed,
  '/api/health/ready': (request) =>
    isCaller(request) ? [503, { status: 'fail', warnings: ['refresh-failed'] }] : [401],
  [read]: (request) => (isCaller(request) ? [503, { code: 'CacheEmpty', reason: 'SecretsUnavailable' }] : [401]),
};

export function isCaller(request: IncomingMessage): boolean {
  return request.headers['x-functions-key'] === 'the-key' || request.headers.authorization === 'Bearer app-token';
}

/** A server with these routes on a free port. The caller closes it. */
export async function startServer(routes: Routes): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    const asked = request.url ?? '';
    const { pathname, search } = new URL(asked, 'http://localhost');
    const prefix = request.method === 'GET' ? '' : `${request.method} `;
    // As the host does, dots are resolved unless a route stands for the path as it was written.
    const route = routes[`${prefix}${asked}`] ?? routes[`${prefix}${pathname}${search}`];
    const [status, body] = route?.(request) ?? [404];
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(body === undefined ? '' : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { server, url: `http://127.0.0.1:${address.port}` };
}
