import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { runScript } from '../commands/run-command.ts';
import { send } from '../http-client.ts';
import type { SendOptions } from '../http-client.ts';

export const mainFile = resolve(import.meta.dirname, '../../../local/host/main.ts');
const fixture = resolve(import.meta.dirname, 'host-app.cjs');

const entrySchema = z.object({
  level: z.string(),
  category: z.string(),
  function: z.string().optional(),
  invocationId: z.string().optional(),
  message: z.string(),
});
export type Entry = z.infer<typeof entrySchema>;

/** A folder with the fixture app, or with the one given as the source of its entry file. */
export function createAppFolder(source = `require(${JSON.stringify(fixture)});`): string {
  const folder = mkdtempSync(join(tmpdir(), 'host-app-'));
  writeFileSync(join(folder, 'package.json'), '{ "main": "{app,none}.cjs" }');
  writeFileSync(join(folder, 'app.cjs'), source);
  const http = { customHeaders: { 'X-Custom': 'on every answer' } };
  writeFileSync(join(folder, 'host.json'), JSON.stringify({ version: '2.0', extensions: { http } }));
  return folder;
}

/** The development host as a process of its own; `ready` is its address, once it serves. */
export async function startHostUnderTest(
  folder: string,
  { args = [], env = {} }: { readonly args?: readonly string[]; readonly env?: Readonly<Record<string, string>> } = {},
) {
  const child = spawn(
    process.execPath,
    [mainFile, `--app=${folder}`, '--port=0', '--log=trace', '--log-format=json', ...args],
    {
      env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'], ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const output: string[] = [];
  const entries: Entry[] = [];
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      output.push(line);
      if (line.startsWith('{')) entries.push(entrySchema.parse(JSON.parse(line)));
      for (const listener of listeners) listener();
    });
  }
  const ended = once(child, 'close').then(([code]: unknown[]) => code);

  async function until<T>(find: () => T | undefined): Promise<T> {
    const { promise, resolve: found } = Promise.withResolvers<T>();
    const look = () => {
      const value = find();
      if (value !== undefined) found(value);
    };
    listeners.add(look);
    look();
    const gone = ended.then((code) => {
      throw new Error(`the host ended with ${String(code)}: ${output.join('\n')}`);
    });
    return await Promise.race([promise, gone]).finally(() => listeners.delete(look));
  }

  const pattern = /host ready (http:\/\/localhost:\d+)/;
  const base = await until(() => output.map((line) => pattern.exec(line)?.[1]).find((url) => url !== undefined));
  return {
    base,
    entries,
    output,
    until,
    ended,
    entry: (match: (entry: Entry) => boolean) => until(() => entries.find(match)),
    send: (path: string, options?: SendOptions) => send(base, path, options),
    signal: (name: NodeJS.Signals) => child.kill(name),
    stop: async () => {
      child.kill('SIGTERM');
      const code = await ended;
      rmSync(folder, { recursive: true, force: true });
      return code;
    },
  };
}
export type HostUnderTest = Awaited<ReturnType<typeof startHostUnderTest>>;

/** Runs the host where it is expected to end by itself. */
export async function runHost(...args: string[]): Promise<{ readonly code: unknown; readonly lines: string[] }> {
  return await runScript(mainFile, ...args);
}

/** Sends bytes as they are, and gives back what came until the server closed. */
export async function sendRaw(base: string, text: string): Promise<string> {
  const socket = connect(Number(new URL(base).port), '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.write(text);
  await once(socket, 'close');
  return Buffer.concat(chunks).toString();
}
