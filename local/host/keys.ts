import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { z } from 'zod';
import type { AuthLevel } from './functions-index.ts';
import { parseQuery } from './http-request.ts';

export type Keys = {
  /** Opens every function. */
  readonly master: string;
  /** Opens every function that asks for a function key. */
  readonly host: string;
};
export type KeysOptions = {
  /** Holds `keys.json`, which keeps the keys the same at the next start. */
  readonly folder: string;
  /** Replaces the host key. */
  readonly key?: string | undefined;
  readonly masterKey?: string | undefined;
};

const keysSchema = z.object({ masterKey: z.string().min(1), hostKey: z.string().min(1) });

/** The keys of this folder's app, created at the first call. Throws when `keys.json` cannot be read or written. */
export function loadKeys({ folder, key, masterKey }: KeysOptions): Keys {
  const stored = key !== undefined && masterKey !== undefined ? undefined : readStoredKeys(folder);
  return { master: masterKey ?? stored?.masterKey ?? '', host: key ?? stored?.hostKey ?? '' };
}

/** True when the request carries a key for this level. */
export function isAllowed(request: IncomingMessage, keys: Keys, level: AuthLevel): boolean {
  if (level === 'anonymous') return true;
  const passing = level === 'admin' ? [keys.master] : [keys.master, keys.host];
  const given = readKey(request);
  return passing.some((key) => timingSafeEqual(sha256(key), sha256(given)));
}

function readKey(request: IncomingMessage): string {
  const header = request.headersDistinct['x-functions-key'];
  if (header !== undefined) return header[0] ?? '';
  return [...parseQuery(request.url ?? '')].find(([name]) => name.toLowerCase() === 'code')?.[1] ?? '';
}

function readStoredKeys(folder: string): z.infer<typeof keysSchema> {
  const path = join(folder, 'keys.json');
  const draft = `${path}.${process.pid}`;
  mkdirSync(folder, { recursive: true });
  try {
    // When several hosts start at once, the first link wins, and no host reads half a file.
    writeFileSync(draft, JSON.stringify({ masterKey: createKey(), hostKey: createKey() }), { mode: 0o600 });
    linkSync(draft, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return keysSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
}

function createKey(): string {
  return randomBytes(32).toString('base64url');
}

function sha256(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
