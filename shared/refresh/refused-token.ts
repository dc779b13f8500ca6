import type { OperationContext } from '../context.ts';
import type { Clock } from '../clock.ts';
import type { RefreshTrigger } from './due.ts';
import type { RefreshTokenStatus } from './ports.ts';

const memoryMs = 60_000;

/** Whether the stored refresh token is still the version known to be refused. Throws DependencyError `SecretsUnavailable`. */
export type IsStillRefused = (version: string, trigger: RefreshTrigger, context: OperationContext) => Promise<boolean>;

/** Asks Key Vault, for readers at most once a minute: while the data has expired every read would ask. */
export function createRefusedTokenCheck(tokens: RefreshTokenStatus, clock: Clock): IsStillRefused {
  let seen = { version: '', at: 0 };

  return async function isStillRefused(version, trigger, context) {
    const ageMs = clock() - seen.at;
    if (trigger === 'reader' && seen.version === version && ageMs >= 0 && ageMs < memoryMs) return true;
    const stored = await tokens.reread(context);
    seen = { version: stored.version, at: clock() };
    return stored.version === version;
  };
}
