import { createInterface } from 'node:readline/promises';
import { createPartnerCenterAgent } from '../../shared/partner-center/http.ts';
import { openIdentity } from '../azure.ts';
import { openBrowser } from './browser.ts';
import { exitWith } from '../command-line.ts';
import { readConsentOptions } from './options.ts';
import type { ConsentOptions } from './options.ts';
import { planConsent } from './plan.ts';
import { parseConsentSettings } from './settings.ts';
import { giveConsent } from './steps.ts';
import { loadEnvironment } from '../environment.ts';
import { openLoopback } from './loopback.ts';
import type { Loopback } from './loopback.ts';
import { createReport, lineOf } from '../report.ts';
import type { SignIn } from './sign-in.ts';
import { SetupError } from '../trouble.ts';

/** `npm run consent`: a partner user signs in once, with MFA, and the refresh token goes to the vault. */
async function main(): Promise<void> {
  const options = readConsentOptions();
  const env = loadEnvironment(options.file, options.settings);
  const settings = parseConsentSettings(env);
  const identity = openIdentity(env);
  const loopback = await openLoopback(options.port);
  const dispatcher = createPartnerCenterAgent();
  const report = createReport((finding) => console.log(lineOf(finding)), 'authorization-code');
  const { redirectUri } = loopback;
  try {
    console.log(`${planConsent(settings, identity, redirectUri)}\n`);
    if (!options.yes) await askToGoOn();
    const authorize = async (signIn: SignIn) => await leadToSignIn(signIn, loopback, options);
    await giveConsent({ settings, identity, dispatcher, report, redirectUri, authorize });
  } finally {
    await Promise.all([loopback.close(), dispatcher.close()]);
  }
  console.log(report.hasFailed() ? '\nNothing was stored.' : '\nDone. The service finds it at its next tick.');
  process.exitCode = report.hasFailed() ? 1 : 0;
}

async function askToGoOn(): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new SetupError({ what: 'nobody is at a terminal to agree', cure: 'add --yes once you have read the above' });
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question('Go on? [y/N] ').finally(() => terminal.close());
  if (!/^y(es)?$/i.test(answer.trim())) throw new SetupError({ what: 'nothing was done', cure: 'answer y to go on' });
}

async function leadToSignIn({ url, state }: SignIn, loopback: Loopback, options: ConsentOptions) {
  console.log(`\nSign in here as a user with the Admin agent role, and accept:\n\n${url}\n`);
  const signal = AbortSignal.timeout(options.timeoutMs);
  const [answer] = await Promise.all([loopback.answerTo(state, signal), offerBrowser(url, options)]);
  return answer;
}

async function offerBrowser(url: string, { open = process.stdout.isTTY }: ConsentOptions): Promise<void> {
  if (!open || (await openBrowser(url))) return;
  console.log('No browser could be opened from here: open the address yourself.\n');
}

await main().catch(exitWith);
