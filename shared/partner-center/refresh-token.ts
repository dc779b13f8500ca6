import type { OperationContext } from '../context.ts';
import type { Clock } from '../clock.ts';
import { dayMs } from '../days.ts';
import { DependencyError } from '../errors.ts';
import type { Secret, SecretStore, SecretToStore } from '../secrets/key-vault.ts';

const storeRetryMs = 5 * 60_000;

/** A refresh token of a confidential client lives 90 days from its issue (Entra, "Refresh tokens"). */
const refreshTokenLifetimeMs = 90 * dayMs;

export type RefreshTokenDeps = {
  readonly secrets: SecretStore;
  readonly secretName: string;
  readonly clock: Clock;
};

/** The refresh token to exchange, and the stored version it descends from. */
export type HeldRefreshToken = { readonly value: string; readonly stored: Secret };

/** The secret to store for a refresh token issued at `now`. */
export function toRefreshTokenSecret(value: string, now: number): SecretToStore {
  return { value, expiresAt: now + refreshTokenLifetimeMs };
}

/** Keeps the newest refresh token, and never drops an old one before the new one is stored. */
export function createRefreshTokenHolder({ secrets, secretName, clock }: RefreshTokenDeps) {
  let unsaved: HeldRefreshToken | undefined;
  let triedAt = 0;

  function getAgeMs({ createdAt }: Secret): number | undefined {
    return createdAt === undefined ? undefined : clock() - createdAt;
  }

  /** Whether an issued token is not stored yet and the last try was some minutes ago. */
  function isStoreDue(): boolean {
    return unsaved !== undefined && Math.abs(clock() - triedAt) >= storeRetryMs;
  }

  /** The newest token known: one that could not be stored yet is newer than the stored one it came from. */
  async function current(context: OperationContext): Promise<HeldRefreshToken> {
    const stored = await secrets.get(secretName, context);
    // Another version means that somebody has stored a newer token, perhaps of a new sign-in.
    if (unsaved?.stored.version !== stored.version) unsaved = undefined;
    return unsaved ?? { value: stored.value.trim(), stored };
  }

  /** The token in the vault now, if it is not the refused one. */
  async function findReplacement(
    refused: HeldRefreshToken,
    context: OperationContext,
  ): Promise<HeldRefreshToken | undefined> {
    unsaved = undefined;
    const stored = await secrets.reread(secretName, context);
    const value = stored.value.trim();
    return value === refused.value ? undefined : { value, stored };
  }

  /** Stores an issued token when the stored one is over a day old; a failure is logged, and tried again by `storeUnsaved`. */
  async function storeIfOld(issued: string, { stored }: HeldRefreshToken, context: OperationContext): Promise<void> {
    const isOld = (getAgeMs(stored) ?? Infinity) > dayMs;
    if (!isOld || issued === stored.value.trim()) return;
    unsaved = { value: issued, stored };
    await storeUnsaved(context);
  }

  async function storeUnsaved(context: OperationContext): Promise<void> {
    if (unsaved === undefined) return;
    const { value, stored } = unsaved;
    triedAt = clock();
    try {
      // Replace only the version that was exchanged: a token descending from the old sign-in must not overwrite a new one.
      const latest = await secrets.reread(secretName, context);
      const isSuperseded = latest.version !== stored.version;
      if (!isSuperseded) await store(value, stored, context);
      unsaved = undefined;
    } catch (error) {
      if (!(error instanceof DependencyError)) throw error;
      context.log('token.store-failed', { code: error.code, ...error.details });
    }
  }

  async function store(value: string, replaced: Secret, context: OperationContext): Promise<void> {
    const { version } = await secrets.set(secretName, toRefreshTokenSecret(value, clock()), context);
    const ageMs = getAgeMs(replaced);
    const ageDays = ageMs === undefined ? null : Math.floor(ageMs / dayMs);
    context.log('token.rotated', { version, replacedVersion: replaced.version, ageDays });
  }

  return { current, findReplacement, storeIfOld, storeUnsaved, isStoreDue };
}
