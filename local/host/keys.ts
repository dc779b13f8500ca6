import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { z } from 'zod';
import type { AuthLevel } from './functions-index.ts';

export type Keys = {
  /** Passes everywhere. */
  readonly master: string;
  /** Passes at every function that asks for a function key. */
  readonly host: string;
  /** The default key of one function. */
  readonly ofFunction: (name: string) => string;
};
export type KeysOptions = {
  /** Where `keys.json` is kept, so that the keys stay the same at the next start. */
  readonly folder: string;
  /** Stands for the host key and every function's key. */
  readonly key?: string | undefined;
  readonly masterKey?: string | undefined;
};

const keysSchema = z.object({ masterKey: z.string().min(1), hostKey: z.string().min(1) });

/** The keys of this folder's app, made at the first call. Throws when `keys.json` cannot be read or written. */
export function loadKeys({ folder, key, masterKey }: KeysOptions): Keys {
  const kept = key !== undefined && masterKey !== undefined ? undefined : keptKeys(folder);
  const master = masterKey ?? kept?.masterKey ?? '';
  return {
    master,
    host: key ?? kept?.hostKey ?? '',
    ofFunction: (name) => key ?? createHmac('sha256', master).update(name.toLowerCase()).digest('base64url'),
  };
}

/** True when the request carries a key that passes at this level. */
export function isAllowed(request: IncomingMessage, keys: Keys, level: AuthLevel, functionName: string): boolean {
  if (level === 'anonymous') return true;
  const passing = level === 'admin' ? [keys.master] : [keys.master, keys.host, keys.ofFunction(functionName)];
  const given = givenKeyOf(request);
  return passing.some((key) => timingSafeEqual(hashOf(key), hashOf(given)));
}

function givenKeyOf(request: IncomingMessage): string {
  const header = request.headersDistinct['x-functions-key'];
  if (header !== undefined) return header[0] ?? '';
  const query = new URLSearchParams((request.url ?? '').split('?').slice(1).join('?'));
  return [...query].find(([name]) => name.toLowerCase() === 'code')?.[1] ?? '';
}

function keptKeys(folder: string): z.infer<typeof keysSchema> {
  const path = join(folder, 'keys.json');
  const draft = `${path}.${process.pid}`;
  mkdirSync(folder, { recursive: true });
  try {
    // Of several hosts that start at once, the first to link its file decides; no one reads half a file.
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

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
