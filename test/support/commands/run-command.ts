import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

type Environment = { readonly env?: Readonly<Record<string, string | undefined>>; readonly cwd?: string };

/** Starts a command in a process group of its own, as a terminal would, with each line that it prints. */
export function startCommand([program = '', ...args]: readonly string[], environment: Environment = {}) {
  const child = spawn(program, args, { ...environment, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  const output = new EventTarget();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      output.dispatchEvent(new Event('line'));
    });
  }
  // Every process that it starts holds its output open.
  const ended = once(child, 'close').then(([code, signal]: unknown[]) => code ?? signal);
  return {
    pid: child.pid ?? Number.NaN,
    lines,
    /** Resolves when the command and all that it started have ended, to its exit code or the signal that ended it. */
    ended,
    /** Resolves when a line with this text is printed; rejects when the command ends without it. */
    waitForLine: async (text: string): Promise<void> => {
      const early = ended.then(() => Promise.reject(new Error(lines.join('\n'))));
      while (!lines.some((line) => line.includes(text))) await Promise.race([once(output, 'line'), early]);
    },
  };
}

/** Runs a script of this repository to its end, with what it printed. */
export async function runScript(file: string, ...args: string[]) {
  const { ended, lines } = startCommand([process.execPath, file, ...args]);
  return { code: await ended, lines };
}
