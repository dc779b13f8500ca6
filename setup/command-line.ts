import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';
import { SetupError } from './trouble.ts';

/** The options of this process's command line; throws SetupError on one that is not known. */
export function readOptions<const T extends NonNullable<ParseArgsConfig['options']>>(options: T) {
  try {
    return parseArgs({ options, strict: true, allowPositionals: false, allowNegative: true }).values;
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw new SetupError({ what, cure: 'see docs/operating.md' });
  }
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
