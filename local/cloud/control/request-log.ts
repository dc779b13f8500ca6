import type { Exchange } from '../http.ts';

const callKinds = [
  'token',
  'managedIdentityToken',
  'secretGet',
  'secretSet',
  'secretVersions',
  'usagerecords',
  'storage',
  'storageRead',
  'storageWrite',
  'storageLease',
  'foreignHost',
  'foreignHostWithToken',
] as const;

const keptRequests = 200;

/** Records the requests the cloud receives: counts by kind, and the last ones without anything secret. */
export function createRequestLog() {
  const calls = new Map<string, number>(callKinds.map((kind) => [kind, 0]));
  const requests: object[] = [];

  return {
    count(kind: (typeof callKinds)[number], service: string, { method, url, headers }: Exchange): void {
      const total = kind.startsWith('storage') ? ['storage'] : [];
      for (const name of [kind, ...total]) calls.set(name, (calls.get(name) ?? 0) + 1);
      const bearer = headers.authorization?.startsWith('Bearer ') ?? false;
      requests.push({ service, kind, method, path: url.pathname, bearer });
      if (requests.length > keptRequests) requests.shift();
    },
    calls: (): Readonly<Record<string, number>> => Object.fromEntries(calls),
    requests: (): readonly object[] => requests,
  };
}
