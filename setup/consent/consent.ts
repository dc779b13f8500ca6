import { createInterface } from 'node:readline/promises';
import { createPartnerCenterAgent } from '../../shared/partner-center/http.ts';
import { openIdentity } from '../azure.ts';
import { CommandError } from '../command-line.ts';
import type { CommandContext } from '../command-line.ts';
import { loadEnvironment } from '../environment.ts';
import { createReport, formatFinding } from '../report.ts';
import { openBrowser } from './browser.ts';
import { openLoopback } from './loopback.ts';
import { readConsentOptions } from './options.ts';
import { describePlan, takeConsentSteps } from './steps.ts';
import { parseConsentSettings } from './settings.ts';
import type { SignIn } from './sign-in.ts';

/** `npm run consent`: a partner user signs in once, with MFA, and the refresh token goes to the vault. */
export async function runConsent({ args, env: given, print }: CommandContext): Promise<number> {
  const { file, port, timeoutMs, yes, open = process.stdout.isTTY, settings: fromOptions } = readConsentOptions(args);
  const env = loadEnvironment(given, file, fromOptions);
  const settings = parseConsentSettings(env);
  const identity = openIdentity(env);
  const loopback = await openLoopback(port);
  const dispatcher = createPartnerCenterAgent();
  const report = createReport((finding) => print(formatFinding(finding)), 'authorization-code');
  const { redirectUri } = loopback;

  async function authorize({ url, state }: SignIn): Promise<URLSearchParams> {
    print(`\nSign in here as a user with the Admin agent role, and accept:\n\n${url}\n`);
    const redirected = loopback.waitForRedirect(state, AbortSignal.timeout(timeoutMs));
    const [answer] = await Promise.all([redirected, open && offerBrowser(url, print)]);
    return answer;
  }

  try {
    print(`${describePlan(settings, identity, redirectUri)}\n`);
    if (!yes) await confirm();
    await takeConsentSteps({ settings, identity, dispatcher, report, redirectUri, authorize });
  } finally {
    await Promise.all([loopback.close(), dispatcher.close()]);
  }
  print(report.hasFailed() ? '\nNothing was stored.' : '\nDone. The service uses it at its next refresh.');
  return report.hasFailed() ? 1 : 0;
}

async function offerBrowser(url: string, print: CommandContext['print']): Promise<void> {
  if (await openBrowser(url)) return;
  print('No browser could be opened from here: open the address yourself.\n');
}

async function confirm(): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new CommandError({ what: 'there is no terminal to confirm at', cure: 'read the plan above, then add --yes' });
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question('Continue? [y/N] ').finally(() => terminal.close());
  if (!/^y(es)?$/i.test(answer.trim())) {
    throw new CommandError({ what: 'nothing was done', cure: 'answer y to continue' });
  }
}
