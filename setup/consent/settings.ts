import type { z } from 'zod';
import { settingsSchema } from '../../shared/settings.ts';
import type { Environment } from '../environment.ts';
import { CommandError } from '../command-line.ts';

/** The app's settings that the consent needs, under the same names. */
const schema = settingsSchema.pick({
  KEY_VAULT_URL: true,
  REFRESH_TOKEN_VAULT_URL: true,
  PARTNER_CENTER_TENANT_ID: true,
  PARTNER_CENTER_CLIENT_ID: true,
  PARTNER_CENTER_CLOUD: true,
  PARTNER_CENTER_AUTHORITY_URL: true,
  PARTNER_CENTER_API_URL: true,
  PARTNER_CENTER_TIMEOUT_SECONDS: true,
  PARTNER_CENTER_REFRESH_TOKEN_SECRET_NAME: true,
  PARTNER_CENTER_CLIENT_SECRET_NAME: true,
  PARTNER_CENTER_CLIENT_CERTIFICATE_NAME: true,
  AZURE_CLIENT_ID: true,
  USAGE_CREDENTIAL: true,
});

export type ConsentSettings = z.infer<typeof schema>;

/** The name and description of each setting; each may also be given as an option. */
export const consentSettings = Object.entries(schema.shape).map(
  ([name, { description = '' }]) => [name, description] as const,
);

/** The settings of the consent. Throws CommandError that names every invalid or missing one. */
export function parseConsentSettings(env: Environment): ConsentSettings {
  const given = consentSettings.map(([name]): [string, string | undefined] => [name, env[name]?.trim() || undefined]);
  const { data, error } = schema.safeParse(Object.fromEntries(given));
  if (data !== undefined) return data;
  const problems = error.issues.map(({ path, message }) => `${String(path[0])}: ${message}`);
  throw new CommandError({
    what: `settings are invalid or missing (${problems.join('; ')})`,
    cure: 'give them by --settings FILE, as options (--KEY_VAULT_URL=...) or in the environment',
  });
}
