import type { Clock } from '../clock.ts';
import type { DependencyError } from '../errors.ts';

const memoryMs = 60_000;

export type FailureMemory = {
  /** The failure of this secret, or of the whole vault, when it is less than a minute old. */
  find(name: string): DependencyError | undefined;
  remember(name: string, failure: DependencyError): void;
};

/** Failures of the last minute, so that a vault that hangs is waited for once and not by every caller in turn. */
export function createFailureMemory(clock: Clock): FailureMemory {
  const failures = new Map<string, { readonly failure: DependencyError; readonly at: number }>();
  /** No secret has an empty name. */
  const wholeVault = '';

  return {
    find(name) {
      const known = [failures.get(name), failures.get(wholeVault)];
      return known.find((one) => one !== undefined && clock() >= one.at && clock() - one.at < memoryMs)?.failure;
    },
    remember(name, failure) {
      failures.set(isAboutVault(failure) ? wholeVault : name, { failure, at: clock() });
    },
  };
}

/** No answer at all, throttling, and the vault's own failures say nothing about one secret. */
function isAboutVault({ details }: DependencyError): boolean {
  const status = Number(details['status'] ?? 503);
  return details['errorCode'] !== 'NoValue' && (status === 408 || status === 429 || status >= 500);
}
