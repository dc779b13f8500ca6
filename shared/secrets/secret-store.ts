import type { OperationContext } from '../context.ts';

export type Secret = {
  readonly value: string;
  readonly version: string;
  readonly contentType: string | undefined;
  /** Epoch milliseconds. */
  readonly createdAt: number | undefined;
  readonly expiresAt: number | undefined;
};

export type SecretToStore = { readonly value: string; readonly contentType: string; readonly expiresAt: number };

/** Secrets by name. Every failure is a DependencyError `SecretsUnavailable`. */
export type SecretStore = {
  /** From memory for up to 30 minutes; the last known value when the vault fails. */
  get(name: string, context: OperationContext): Promise<Secret>;
  /** Asks the vault, whatever memory holds, unless it failed within the last minute. */
  reread(name: string, context: OperationContext): Promise<Secret>;
  /** Stores a new version and keeps it in memory. */
  set(name: string, secret: SecretToStore, context: OperationContext): Promise<Secret>;
};
