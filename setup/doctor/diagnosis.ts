import { parseSettings } from '../../shared/settings.ts';
import type { Settings } from '../../shared/settings.ts';
import { createPartnerCenterAgent } from '../../shared/partner-center/http.ts';
import { openIdentity } from '../azure.ts';
import type { AzureIdentity } from '../azure.ts';
import { checkIdentity, checkCredential, checkRefreshToken } from './check-vault.ts';
import { checkService } from './check-service.ts';
import type { Caller } from './check-service.ts';
import { checkStorage } from './check-storage.ts';
import { checkToken } from './check-token.ts';
import { CommandError } from '../command-line.ts';
import type { Environment } from '../environment.ts';
import type { Passed, Report } from '../report.ts';
import { checkUsageRecords } from '../usage-records.ts';

/** The running service to check, when its address is known. */
export type WantedService = Caller & { readonly url: string | undefined };

/** Checks a set-up from end to end; a check whose prerequisite failed is skipped. Writes nothing. */
export async function diagnose(report: Report, env: Environment, service: WantedService): Promise<void> {
  const settings = await report.check('settings', async () => checkSettings(env));
  if (settings === undefined) {
    report.skip('settings', ['identity', 'vault', 'refresh-token', 'token', 'partner-center', 'storage']);
  } else {
    await diagnoseAzure(report, settings, openIdentity(env));
  }
  const { url } = service;
  if (url !== undefined) await report.check('service', async () => await checkService(url, service));
}

async function diagnoseAzure(report: Report, settings: Settings, identity: AzureIdentity): Promise<void> {
  const isKnown = await report.check('identity', async () => await checkIdentity(settings, identity));
  if (isKnown === undefined) {
    report.skip('identity', ['vault', 'refresh-token', 'token', 'partner-center', 'storage']);
    return;
  }
  const auth = await report.check('vault', async () => await checkCredential(settings, identity));
  const refreshToken = await report.check('refresh-token', async () => await checkRefreshToken(settings, identity));
  const dispatcher = createPartnerCenterAgent();
  if (auth === undefined || refreshToken === undefined) {
    report.skip(auth === undefined ? 'vault' : 'refresh-token', ['token', 'partner-center']);
  } else {
    const token = await report.check(
      'token',
      async () => await checkToken({ settings, dispatcher, auth, refreshToken }),
    );
    if (token === undefined) report.skip('token', ['partner-center']);
    else await report.check('partner-center', async () => await checkUsageRecords(settings, dispatcher, token));
  }
  await dispatcher.close();
  await report.check('storage', async () => await checkStorage(settings, identity));
}

function checkSettings(env: Environment): Passed<Settings> {
  // Only the running app sees this variable of the platform; the check `service` covers it.
  const parsed = parseSettings({ WEBSITE_AUTH_ENABLED: 'true', ...env });
  if (!parsed.ok) {
    const problems = parsed.problems.map(({ setting, expected }) => `${setting} must be ${expected}`);
    throw new CommandError({ what: `Misconfigured: ${problems.join('; ')}`, cure: 'correct these app settings' });
  }
  const { PARTNER_CENTER_TENANT_ID: tenant, PARTNER_CENTER_CLOUD: cloud } = parsed.settings;
  return { value: parsed.settings, detail: `tenant ${tenant}, cloud ${cloud}` };
}
