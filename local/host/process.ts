import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';

export type HostProcessOptions = {
  readonly port: number;
  /** Win over the environment of this process, an undefined one by not being there. */
  readonly settings: Readonly<Record<string, string | undefined>>;
  /** More options for the host's command line. */
  readonly args?: readonly string[];
  /** Told each entry of the host's log, from information up. */
  readonly onEntry: (entry: HostEntry) => void;
};
export type HostProcess = {
  /** Resolves with the next entry of a function whose message starts like this. */
  readonly waitForEntry: (functionName: string | undefined, message: string) => Promise<HostEntry>;
  /** Resolves when the process is gone, with its exit code or the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** Asks for a graceful stop and waits for the end. */
  readonly stop: () => Promise<void>;
  /** Sends a signal and waits for nothing. */
  readonly signal: (signal: NodeJS.Signals) => void;
};

const entrySchema = z.object({
  time: z.string(),
  level: z.string(),
  category: z.string(),
  function: z.string().optional(),
  message: z.string(),
});
export type HostEntry = z.infer<typeof entrySchema>;

/** Starts the development host of this repository's app as a child that ends with this process. */
export function startHostProcess({ port, settings, args = [], onEntry }: HostProcessOptions): HostProcess {
  const main = join(import.meta.dirname, 'main.ts');
  const child = spawn(process.execPath, [main, `--port=${port}`, '--log=information', '--log-format=json', ...args], {
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const waiting = new Set<(entry: HostEntry) => void>();
  if (child.stdout === null) throw new Error('the host has no output to read');
  createInterface({ input: child.stdout }).on('line', (line) => {
    const entry = entryFrom(line);
    // What the app prints past the log stays what it is.
    if (entry === undefined) return console.log(line);
    onEntry(entry);
    for (const take of waiting) take(entry);
  });
  const ended = once(child, 'exit').then(([code, signal]: unknown[]) => {
    return typeof code === 'number' ? code : String(signal);
  });

  return {
    waitForEntry: async (functionName, message) => {
      const { promise, resolve } = Promise.withResolvers<HostEntry>();
      const take = (entry: HostEntry) => {
        if (entry.function === functionName && entry.message.startsWith(message)) resolve(entry);
      };
      waiting.add(take);
      return await promise.finally(() => waiting.delete(take));
    },
    ended,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
    signal: (signal) => void child.kill(signal),
  };
}

function entryFrom(line: string): HostEntry | undefined {
  try {
    return entrySchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
