import type { Exchange } from './http.ts';

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

type CallKind = (typeof callKinds)[number];

/** What was asked of the cloud: counts by kind, and the last requests without anything secret. */
export type Ledger = {
  count(kind: CallKind, service: string, exchange: Exchange): void;
  calls(): Readonly<Record<string, number>>;
  requests(): readonly object[];
};

/** An empty ledger; every kind starts at 0. */
export function createLedger(): Ledger {
  const calls = new Map<string, number>(callKinds.map((kind) => [kind, 0]));
  const requests: object[] = [];

  return {
    count(kind, service, { method, url, headers }) {
      const also = kind.startsWith('storage') ? ['storage'] : [];
      for (const name of [kind, ...also]) calls.set(name, (calls.get(name) ?? 0) + 1);
      const bearer = headers.authorization?.startsWith('Bearer ') ?? false;
      requests.push({ service, kind, method, path: url.pathname, bearer });
      if (requests.length > keptRequests) requests.shift();
    },
    calls: () => Object.fromEntries(calls),
    requests: () => requests,
  };
}
