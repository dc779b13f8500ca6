import { parseArgs, type ParseArgsOptionDescriptor } from 'node:util';

/** The command line asks for something that is not possible; the message is one line for the person at the terminal. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

type Options = Readonly<Record<string, ParseArgsOptionDescriptor & { readonly help: string }>>;

/**
 * The options of this process's command line. `--help` prints them below `usage` and ends the process. Throws UsageError for an
 * unknown option.
 */
export function readOptions<const T extends Options>(usage: string, options: T) {
  const help = { type: 'boolean', help: 'prints this list' } as const;
  if (process.argv.slice(2).includes('--help')) {
    const lines = describeOptions({ ...options, help });
    console.log([usage, '', ...lines].join('\n'));
    process.exit(0);
  }
  try {
    return parseArgs({ options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
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

/** A whole number from 0 to `max`; throws UsageError naming the option. */
export function wholeNumber(name: string, text: string, max: number): number {
  if (!/^\d{1,9}$/.test(text) || Number(text) > max) {
    throw new UsageError(`--${name} takes a whole number from 0 to ${max}`);
  }
  return Number(text);
}

/** Writes one clear line for what stopped a command, and ends the process with 1. */
export function exitWith(error: unknown): never {
  console.error(error instanceof UsageError ? error.message : error);
  process.exit(1);
}
