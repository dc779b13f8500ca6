import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { parseJson } from '../parse-json.ts';

export type HostProcessOptions = {
  readonly port: number;
  /** Override the environment of this process; an undefined one is removed. */
  readonly settings: Readonly<Record<string, string | undefined>>;
  /** More options for the host's command line. */
  readonly args?: readonly string[];
  /** Receives each entry of the host's log, from information up. */
  readonly onEntry: (entry: HostEntry) => void;
};

export type HostProcess = ReturnType<typeof startHostProcess>;

const entrySchema = z.object({
  time: z.string(),
  level: z.string(),
  category: z.string(),
  function: z.string().optional(),
  message: z.string(),
});
export type HostEntry = z.infer<typeof entrySchema>;

/** Starts the development host of this repository's app as a child process that ends with this one. */
export function startHostProcess({ port, settings, args = [], onEntry }: HostProcessOptions) {
  const main = join(import.meta.dirname, 'main.ts');
  const child = spawn(process.execPath, [main, `--port=${port}`, '--log=information', '--log-format=json', ...args], {
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const waiting = new Set<(entry: HostEntry) => void>();
  if (child.stdout === null) throw new Error('the host has no output to read');
  createInterface({ input: child.stdout }).on('line', (line) => {
    const entry = entrySchema.safeParse(parseJson(line)).data;
    // A line that is no log entry comes from the app itself.
    if (entry === undefined) return console.log(line);
    onEntry(entry);
    for (const take of waiting) take(entry);
  });
  const ended = once(child, 'exit').then(([code, signal]: unknown[]) =>
    typeof code === 'number' ? code : String(signal),
  );

  return {
    /** The next entry of a function whose message starts like this. */
    async waitForEntry(functionName: string | undefined, message: string): Promise<HostEntry> {
      const { promise, resolve } = Promise.withResolvers<HostEntry>();
      const take = (entry: HostEntry) => {
        if (entry.function === functionName && entry.message.startsWith(message)) resolve(entry);
      };
      waiting.add(take);
      return await promise.finally(() => waiting.delete(take));
    },
    /** Resolves when the process has ended, to its exit code or the signal that ended it. */
    ended,
    /** Requests a graceful stop and waits for the end. */
    stop: async (): Promise<void> => {
      child.kill('SIGTERM');
      await ended;
    },
    /** Sends a signal without waiting. */
    signal: (signal: NodeJS.Signals) => void child.kill(signal),
  };
}
