import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const moveClock = import.meta.resolve('../../local/host/clock-preload.ts');

export type Command = {
  readonly script: 'consent' | 'doctor';
  readonly args?: readonly string[];
  /** The whole of what the command finds in its environment besides PATH. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether the command lives in the time of the local cloud. */
  readonly followsClock?: boolean;
};

export type Ended = { readonly code: unknown; readonly output: string; readonly lines: readonly string[] };

/** Starts a command of setup/; `line` gives the first line of its output that fits, `ended` everything it printed. */
export function startCommand({ script, args = [], env = {}, followsClock = false }: Command) {
  const file = fileURLToPath(new URL(`../../setup/${script}/main.ts`, import.meta.url));
  const preload = followsClock ? [`--import=${moveClock}`] : [];
  const child = spawn(process.execPath, [...preload, file, ...args], {
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const changes = new EventTarget();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      changes.dispatchEvent(new Event('text'));
    });
  }
  const ended = once(child, 'close').then(([code]: unknown[]): Ended => {
    changes.dispatchEvent(new Event('text'));
    return { code, output, lines: output.split('\n') };
  });

  async function line(pattern: RegExp): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const look = () => {
      const found = pattern.exec(output)?.[0];
      if (found !== undefined) resolve(found);
    };
    changes.addEventListener('text', look);
    look();
    ended.then(() => reject(new Error(`it ended without that line:\n${output}`)), reject);
    return await promise.finally(() => changes.removeEventListener('text', look));
  }

  return { line, ended };
}

/** Runs a command to its end. */
export async function runCommand(command: Command): Promise<Ended> {
  return await startCommand(command).ended;
}
