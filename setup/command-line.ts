import { parseArgs } from 'node:util';
import type { ParseArgsOptionDescriptor } from 'node:util';

/** What a command gets from its process. */
export type CommandContext = {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly print: (text: string) => void;
};

type Options = Readonly<Record<string, ParseArgsOptionDescriptor & { readonly help: string }>>;

/** The options in `args`. `--help` prints them below `usage` and ends the process. Throws CommandError for an unknown option. */
export function readOptions<const T extends Options>(args: readonly string[], usage: string, options: T) {
  if (args.includes('--help')) {
    const help = { type: 'boolean', help: 'prints this list' } as const;
    console.log([usage, '', ...describeOptions({ ...options, help })].join('\n'));
    process.exit(0);
  }
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false, allowNegative: true }).values;
  } catch (error) {
    throw new CommandError({ what: error instanceof Error ? error.message : String(error) });
  }
}

function describeOptions(options: Options): string[] {
  const lines = Object.entries(options).map(([name, { type, default: usual, help }]) => ({
    head: `  --${name}${type === 'string' ? ' VALUE' : ''}`,
    text: typeof usual === 'string' ? `${help} (${usual})` : help,
  }));
  const width = Math.max(...lines.map(({ head }) => head.length));
  return lines.map(({ head, text }) => `${head.padEnd(width)}  ${text}`);
}

/** A whole number from 0 to `max`; throws CommandError naming the option. */
export function parseWholeNumber(option: string, text: string, max: number): number {
  if (/^\d{1,9}$/.test(text) && Number(text) <= max) return Number(text);
  throw new CommandError({ what: `--${option} takes a whole number from 0 to ${max}` });
}

/** Runs a command as this process; its result is the exit code. */
export async function runCommand(command: (context: CommandContext) => Promise<number>): Promise<void> {
  const context = { args: process.argv.slice(2), env: process.env, print: (text: string) => console.log(text) };
  process.exitCode = await command(context).catch(exitWith);
}

/** Prints what stopped the command and what to do about it, and ends the process with 1. */
export function exitWith(error: unknown): never {
  console.error(describeError(error));
  process.exit(1);
}

/** The message for the terminal: what is wrong and what to do about it. */
export function describeError(error: unknown): string {
  if (error instanceof CommandError)
    return error.cure === undefined ? error.message : `${error.message}\ncure: ${error.cure}`;
  // The stack alone: the cause of a defect may hold an answer with tokens in it.
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** What is wrong and what to do about it, in plain words; neither holds a secret or a token. */
export type Trouble = { readonly what: string; readonly cure?: string | undefined };

/** Stops a command, or one of its steps, with a message for the terminal. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly cure: string | undefined;

  constructor({ what, cure }: Trouble, options: ErrorOptions = {}) {
    super(what, options);
    this.cure = cure;
  }
}
