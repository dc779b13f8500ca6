import { createInterface } from 'node:readline/promises';
import { createPartnerCenterAgent } from '../../shared/partner-center/http.ts';
import { openIdentity } from '../azure.ts';
import { CommandError } from '../command-error.ts';
import { exitWith } from '../command-line.ts';
import { loadEnvironment } from '../environment.ts';
import { createReport, formatFinding } from '../report.ts';
import { openBrowser } from './browser.ts';
import { openLoopback } from './loopback.ts';
import type { Loopback } from './loopback.ts';
import { readConsentOptions } from './options.ts';
import type { ConsentOptions } from './options.ts';
import { describePlan } from './plan.ts';
import { parseConsentSettings } from './settings.ts';
import type { SignIn } from './sign-in.ts';
import { runConsent } from './steps.ts';

/** `npm run consent`: a partner user signs in once, with MFA, and the refresh token goes to the vault. */
async function main(): Promise<void> {
  const options = readConsentOptions();
  const env = loadEnvironment(options.file, options.settings);
  const settings = parseConsentSettings(env);
  const identity = openIdentity(env);
  const loopback = await openLoopback(options.port);
  const dispatcher = createPartnerCenterAgent();
  const report = createReport((finding) => console.log(formatFinding(finding)), 'authorization-code');
  const { redirectUri } = loopback;
  try {
    console.log(`${describePlan(settings, identity, redirectUri)}\n`);
    if (!options.yes) await confirm();
    const authorize = async (signIn: SignIn) => await showSignIn(signIn, loopback, options);
    await runConsent({ settings, identity, dispatcher, report, redirectUri, authorize });
  } finally {
    await Promise.all([loopback.close(), dispatcher.close()]);
  }
  console.log(report.hasFailed() ? '\nNothing was stored.' : '\nDone. The service uses it at its next refresh.');
  process.exitCode = report.hasFailed() ? 1 : 0;
}

async function confirm(): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new CommandError({ what: 'there is no terminal to confirm at', cure: 'read the plan above, then add --yes' });
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question('Continue? [y/N] ').finally(() => terminal.close());
  if (!/^y(es)?$/i.test(answer.trim()))
    throw new CommandError({ what: 'nothing was done', cure: 'answer y to continue' });
}

async function showSignIn({ url, state }: SignIn, loopback: Loopback, options: ConsentOptions) {
  console.log(`\nSign in here as a user with the Admin agent role, and accept:\n\n${url}\n`);
  const signal = AbortSignal.timeout(options.timeoutMs);
  const [answer] = await Promise.all([loopback.waitForRedirect(state, signal), offerBrowser(url, options)]);
  return answer;
}

async function offerBrowser(url: string, { open = process.stdout.isTTY }: ConsentOptions): Promise<void> {
  if (!open || (await openBrowser(url))) return;
  console.log('No browser could be opened from here: open the address yourself.\n');
}

await main().catch(exitWith);
