import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describeError } from '../../setup/command-line.ts';
import { runConsent } from '../../setup/consent/consent.ts';
import { runDoctor } from '../../setup/doctor/doctor.ts';
import { runRebuildHistory } from '../../setup/rebuild-history/rebuild-history.ts';

const moveClock = import.meta.resolve('../../local/host/clock-preload.ts');
const commands = { consent: runConsent, doctor: runDoctor, 'rebuild-history': runRebuildHistory };

export type Command = {
  readonly script: keyof typeof commands;
  readonly args?: readonly string[];
  /** The whole environment of the command; a process also gets PATH. */
  readonly env?: Readonly<Record<string, string>>;
};

export type Ended = { readonly code: unknown; readonly output: string; readonly lines: readonly string[] };

/** Starts a set-up command inside this process. */
export function startCommand({ script, args = [], env = {} }: Command) {
  const screen = createScreen();
  const print = (text: string) => screen.write(`${text}\n`);
  const code = commands[script]({ args, env, print }).catch((error: unknown) => {
    print(describeError(error));
    return 1;
  });
  return screen.watch(code);
}

/** Starts a set-up command as a process of its own; one that follows the clock lives in the time of the local cloud. */
export function startProcess({
  script,
  args = [],
  env = {},
  followsClock = false,
}: Command & { followsClock?: boolean }) {
  const file = fileURLToPath(new URL(`../../setup/${script}/main.ts`, import.meta.url));
  const preload = followsClock ? [`--import=${moveClock}`] : [];
  const child = spawn(process.execPath, [...preload, file, ...args], {
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const screen = createScreen();
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => screen.write(text));
  return screen.watch(once(child, 'close').then(([code]: unknown[]) => code));
}

/** Everything a command printed. */
function createScreen() {
  let output = '';
  const changes = new EventTarget();
  return {
    write(text: string): void {
      output += text;
      changes.dispatchEvent(new Event('text'));
    },
    /** `line` gives the first line that fits, `ended` the exit code and all lines. */
    watch(code: Promise<unknown>) {
      const ended = code.then((value): Ended => ({ code: value, output, lines: output.split('\n') }));

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
    },
  };
}

/** Runs a set-up command inside this process to its end. */
export async function runCommand(command: Command): Promise<Ended> {
  return await startCommand(command).ended;
}
