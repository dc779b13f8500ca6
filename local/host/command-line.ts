import { parseArgs, type ParseArgsConfig } from 'node:util';

/** What was asked for is not possible as asked: one line for the person at the terminal says so. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The options of this process's command line; throws UsageError on one that is not known. */
export function readOptions<const T extends NonNullable<ParseArgsConfig['options']>>(options: T) {
  try {
    return parseArgs({ options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
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
