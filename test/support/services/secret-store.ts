import { DependencyError } from '../../../shared/errors.ts';
import type { Secret, SecretStore } from '../../../shared/secrets/key-vault.ts';

export type MemorySecretStore = SecretStore & {
  /** Every value stored or put, by name, oldest first. */
  readonly versions: ReadonlyMap<string, readonly Secret[]>;
  /** Stores a new version from outside: `get` still answers what it remembered, `reread` sees it. */
  put(name: string, value: string, createdAt?: number): void;
  /** From now on these methods fail. */
  fail(...methods: readonly ('get' | 'reread' | 'set')[]): void;
};

/** The whole SecretStore in memory: versions are `<name>-1`, `<name>-2`, ... */
export function createMemorySecretStore(clock: () => number): MemorySecretStore {
  const versions = new Map<string, Secret[]>();
  const remembered = new Map<string, Secret>();
  let failing: readonly string[] = [];

  function append(name: string, secret: Omit<Secret, 'version'>): Secret {
    const before = versions.get(name) ?? [];
    const added = { ...secret, version: `${name}-${before.length + 1}` };
    versions.set(name, [...before, added]);
    return added;
  }

  function failIf(method: string, secretName: string): void {
    if (failing.includes(method)) {
      throw new DependencyError('SecretsUnavailable', 'the vault is down', { details: { secretName, status: 503 } });
    }
  }

  async function reread(name: string): Promise<Secret> {
    failIf('reread', name);
    const newest = versions.get(name)?.at(-1);
    if (newest === undefined) {
      throw new DependencyError('SecretsUnavailable', 'no such secret', { details: { secretName: name, status: 404 } });
    }
    remembered.set(name, newest);
    return newest;
  }

  return {
    versions,
    put: (name, value, createdAt) => {
      append(name, { value, createdAt, expiresAt: undefined });
    },
    fail: (...methods) => {
      failing = methods;
    },
    get: async (name) => {
      failIf('get', name);
      return remembered.get(name) ?? (await reread(name));
    },
    reread,
    set: async (name, secret) => {
      failIf('set', name);
      const stored = append(name, { ...secret, createdAt: clock() });
      remembered.set(name, stored);
      return stored;
    },
  };
}
