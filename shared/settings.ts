import * as z from 'zod';
import { dayMs } from './days.ts';
import type { SettingProblem } from './errors.ts';
import { isNcrontab } from './ncrontab.ts';
import type { FreshnessLimits } from './snapshot/freshness.ts';

/** A schema whose every refusal says the same: what the setting expects. Never shows the value. */
const text = (expects: string, pattern: RegExp) => z.string({ error: expects }).regex(pattern, { error: expects });
const httpsUrl = (example: string) => {
  const error = `an https URL, such as ${example}`;
  return z
    .url({ protocol: /^https$/, error, abort: true })
    .refine((url) => !/[?#]/.test(url), { error })
    .transform(trimTrailingSlashes);
};
const guid = z.guid({ error: 'a GUID' });
const secretName = text('a Key Vault secret name: 1 to 127 letters, digits and dashes', /^[A-Za-z0-9-]{1,127}$/);
const wholeNumber = (least: number, most: number) => {
  const error = `a whole number from ${least} to ${most}`;
  return text(error, /^\d{1,9}$/)
    .transform(Number)
    .refine((value) => value >= least && value <= most, { error });
};

const schedule = z
  .string()
  .refine(isNcrontab, { error: 'an NCRONTAB expression of six fields, seconds first, in UTC' });

const percents = (most: number) => {
  const error = `1 to ${most} different whole percents from 1 to 1000, ascending, comma-separated`;
  return text(error, /^\d{1,4}( *, *\d{1,4})*$/)
    .transform((list) => list.split(',').map(Number))
    .refine(
      (list) => list.length <= most && list.every((percent, at) => percent <= 1000 && percent > (list[at - 1] ?? 0)),
      {
        error,
      },
    );
};

/** Every app setting this service reads, with what it expects, its default and its purpose: docs/reference/settings.md is made from it. */
export const settingsSchema = z.object({
  KEY_VAULT_URL: httpsUrl('https://contoso.vault.azure.net').describe(
    'The vault that holds the Partner Center credential.',
  ),
  REFRESH_TOKEN_VAULT_URL: httpsUrl('https://contoso-token.vault.azure.net')
    .optional()
    .describe('The vault that holds the refresh token, if it has one of its own. The app writes to no other vault.'),
  USAGE_STORAGE_URL: httpsUrl('https://contoso.blob.core.windows.net').describe(
    'Blob endpoint of the storage account that holds the snapshots.',
  ),
  USAGE_CONTAINER: text(
    'a container name: 3 to 63 lower-case letters, digits and dashes',
    /^[a-z0-9](-?[a-z0-9]){2,62}$/,
  )
    .default('usage')
    .describe('Container of the snapshots.'),
  PARTNER_CENTER_TENANT_ID: guid.describe("The partner's own Entra tenant."),
  PARTNER_CENTER_CLIENT_ID: guid.describe('The app registration that the partner consented to (App+User).'),
  PARTNER_CENTER_CLOUD: z
    .enum(['global', 'usgov'], { error: 'global or usgov' })
    .default('global')
    .describe('Which Microsoft cloud the partner tenant lives in.'),
  PARTNER_CENTER_AUTHORITY_URL: httpsUrl('https://login.microsoftonline.com')
    .optional()
    .describe('Entra authority, if it is not the default of the cloud.'),
  PARTNER_CENTER_API_URL: httpsUrl('https://api.partnercenter.microsoft.com')
    .optional()
    .describe('Partner Center API, if it is not the default of the cloud.'),
  PARTNER_CENTER_TIMEOUT_SECONDS: wholeNumber(1, 240)
    .default(120)
    .describe('Time limit for one call to Partner Center, including the body.'),
  PARTNER_CENTER_REFRESH_TOKEN_SECRET_NAME: secretName
    .default('partner-center-refresh-token')
    .describe('Secret that holds the refresh token; the app writes new versions of it.'),
  PARTNER_CENTER_CLIENT_SECRET_NAME: secretName
    .default('partner-center-client-secret')
    .describe("Secret that holds the app registration's client secret."),
  PARTNER_CENTER_CLIENT_CERTIFICATE_NAME: secretName
    .optional()
    .describe('Secret that holds a PEM key and certificate, used instead of the client secret when set.'),
  AZURE_CLIENT_ID: guid
    .optional()
    .describe('Client id of the user-assigned managed identity; without it the system-assigned one is used.'),
  USAGE_CREDENTIAL: z
    .enum(['managed-identity', 'developer'], { error: 'managed-identity or developer' })
    .default('managed-identity')
    .describe("How the app signs in to Azure; `developer` uses the developer's own `az login`."),
  USAGE_REFRESH_SCHEDULE: schedule.default('0 */5 * * * *').describe('When the timer checks whether a refresh is due.'),
  USAGE_REFRESH_INTERVAL_MINUTES: wholeNumber(5, 1440)
    .default(60)
    .describe('Age of the last good snapshot at which the timer refreshes it.'),
  USAGE_FRESH_MINUTES: wholeNumber(5, 1440).default(90).describe('Age up to which the state is `fresh`.'),
  USAGE_STALE_HOURS: wholeNumber(1, 720).default(24).describe('Age up to which the state is `stale`.'),
  USAGE_DEGRADED_DAYS: wholeNumber(1, 60)
    .default(7)
    .describe('Age up to which the state is `degraded`. Beyond it, reads get 503 `SnapshotExpired`.'),
  USAGE_WARNING_PERCENT: wholeNumber(1, 1000)
    .default(80)
    .describe('Share of the budget, in percent, from which `budgetStatus` is `warning`.'),
  USAGE_OVER_PERCENT: wholeNumber(1, 1000)
    .default(100)
    .describe('Share of the budget, in percent, from which `budgetStatus` is `over`.'),
  CALLER_AUTH: z
    .enum(['key', 'entra'], { error: 'key or entra' })
    .default('key')
    .describe(
      'How callers authenticate: with function keys, or with Entra tokens that App Service authentication checks.',
    ),
  USAGE_KEPT_ANSWERS_MB: wholeNumber(0, 1024)
    .default(32)
    .describe('Memory for cached answers to repeated queries, a quarter of it for uncompressed ones. 0 caches none.'),
  USAGE_HISTORY_LISTS: wholeNumber(1, 100)
    .default(4)
    .describe('How many kept lists of earlier days and months stay in memory after they were asked for.'),
  USAGE_HISTORY_MB: wholeNumber(1, 1024)
    .default(32)
    .describe(
      'Memory for them together; a record takes about 0.9 kB. A list that is larger is read again for every request that asks for it. Use 8 on instances of 512 MB.',
    ),
  USAGE_DAILY_FIGURES_MB: wholeNumber(1, 1024)
    .default(16)
    .describe(
      'Memory for daily figures that `GET /api/usagehistory` has read, compressed. A customer takes about 40 kB a month there.',
    ),
  USAGE_MAX_UNCOMPRESSED_MB: wholeNumber(1, 64)
    .default(8)
    .describe('Largest answer for a caller that does not accept gzip. Use 4 on instances of 512 MB.'),
  USAGE_EVENT_THRESHOLDS: percents(10)
    .default([50, 80, 90, 100, 120])
    .describe('Budget thresholds, in percent, that raise a budget event when a customer crosses them.'),
  USAGE_JUMP_BUDGET_PERCENT: wholeNumber(1, 1000)
    .default(10)
    .describe(
      'Share of the monthly budget, in percent, by which the cost of a day must exceed a usual day to raise `spendJump`.',
    ),
  USAGE_JUMP_USD: wholeNumber(1, 1_000_000).default(50).describe('The same for a customer without a budget, in USD.'),
  USAGE_ACCEPT_QUARANTINED: text('the blob name of a refused list, beginning with quarantine/', /./)
    .optional()
    .describe('A refused list to accept once, at the next tick.'),
  PUBLIC_BASE_URL: httpsUrl('https://usage.contoso.com')
    .optional()
    .describe('Scheme, host and path prefix of links; by default those of the request.'),
});

export type Settings = z.infer<typeof settingsSchema>;

export type ParsedSettings =
  | { readonly ok: true; readonly settings: Settings }
  | {
      readonly ok: false;
      readonly problems: readonly SettingProblem[];
      /** `entra` only where the platform checks tokens; without it, keys keep strangers from the names of bad settings. */
      readonly callerAuth: Settings['CALLER_AUTH'];
    };

/** Reads the app settings; names every bad or missing one. A blank setting counts as missing, as the portal cannot tell them apart. */
export function parseSettings(env: Readonly<Record<string, string | undefined>>): ParsedSettings {
  const given = Object.fromEntries(
    Object.keys(settingsSchema.shape).map((name) => [name, env[name]?.trim() === '' ? undefined : env[name]?.trim()]),
  );
  const parsed = settingsSchema.safeParse(given);
  const isEntraWanted = given['CALLER_AUTH'] === 'entra';
  const isEntraOn = env[authenticationSwitch]?.trim().toLowerCase() === 'true';
  const problems = [
    ...(parsed.success ? limitsOutOfOrder(parsed.data) : refusedOf(parsed.error)),
    ...(isEntraWanted && !isEntraOn ? [callersUnchecked] : []),
  ];
  if (parsed.success && problems.length === 0) return { ok: true, settings: parsed.data };
  return { ok: false, problems, callerAuth: isEntraWanted && isEntraOn ? 'entra' : 'key' };
}

/** The ages, in milliseconds, up to which a snapshot is `fresh`, `stale` and `degraded`. */
export function readFreshnessLimits(settings: Settings): FreshnessLimits {
  return {
    freshMs: settings.USAGE_FRESH_MINUTES * 60_000,
    staleMs: settings.USAGE_STALE_HOURS * 3_600_000,
    degradedMs: settings.USAGE_DEGRADED_DAYS * dayMs,
  };
}

function refusedOf({ issues }: z.ZodError): SettingProblem[] {
  return issues.map(({ path, message }) => ({ setting: String(path[0]), expected: message }));
}

/** Says whether App Service authentication is on. The platform's own, so no setting of this service and not in the table. */
const authenticationSwitch = 'WEBSITE_AUTH_ENABLED';

/** Without the platform in front anybody could write the header that says who they are. */
const callersUnchecked: SettingProblem = {
  setting: 'CALLER_AUTH',
  expected: `entra only while App Service authentication is on (the platform then says ${authenticationSwitch}=true), else key`,
};

function limitsOutOfOrder(settings: Settings): SettingProblem[] {
  const problems: SettingProblem[] = [];
  if (settings.USAGE_REFRESH_INTERVAL_MINUTES > settings.USAGE_FRESH_MINUTES) {
    problems.push({ setting: 'USAGE_REFRESH_INTERVAL_MINUTES', expected: 'at most USAGE_FRESH_MINUTES' });
  }
  if (settings.USAGE_STALE_HOURS * 60 <= settings.USAGE_FRESH_MINUTES) {
    problems.push({ setting: 'USAGE_STALE_HOURS', expected: 'more than USAGE_FRESH_MINUTES' });
  }
  if (settings.USAGE_DEGRADED_DAYS * 24 <= settings.USAGE_STALE_HOURS) {
    problems.push({ setting: 'USAGE_DEGRADED_DAYS', expected: 'more than USAGE_STALE_HOURS' });
  }
  if (settings.USAGE_OVER_PERCENT <= settings.USAGE_WARNING_PERCENT) {
    problems.push({ setting: 'USAGE_OVER_PERCENT', expected: 'more than USAGE_WARNING_PERCENT' });
  }
  return problems;
}

/** The URL without slashes at its end, ready to put a path behind it. */
export function trimTrailingSlashes(url: string): string {
  return url.replace(/\/+$/, '');
}
