import { parseArgs } from 'node:util';
import type { ParseArgsOptionDescriptor } from 'node:util';
import { SetupError } from './trouble.ts';

type Options = Readonly<Record<string, ParseArgsOptionDescriptor & { readonly help: string }>>;

/**
 * The options of this process's command line. `--help` prints them below `usage` and ends the process. Throws SetupError for an
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
    return parseArgs({ options, strict: true, allowPositionals: false, allowNegative: true }).values;
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw new SetupError({ what, cure: 'see --help' });
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

/** A whole number from 0 to `max`; throws SetupError naming the option. */
export function wholeNumber(name: string, text: string, max: number): number {
  if (/^\d{1,9}$/.test(text) && Number(text) <= max) return Number(text);
  throw new SetupError({ what: `--${name} takes a whole number from 0 to ${max}`, cure: 'mend the option' });
}

/** Says in two lines what stopped the command, and ends the process with 1. */
export function exitWith(error: unknown): never {
  // Of a defect only where it happened: its cause may hold an answer with tokens in it.
  const trouble = error instanceof Error ? (error.stack ?? error.message) : String(error);
  console.error(error instanceof SetupError ? `${error.message}\ncure: ${error.cure}` : trouble);
  process.exit(1);
}
