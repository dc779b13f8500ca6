import { chromium } from 'playwright-core';
import { findProgram } from '../support/commands/programs.ts';

/** How the sign-in is to go: a button of the local cloud's page. */
export type Choice = 'mfa' | 'no-mfa' | 'other-tenant' | 'no-role' | 'decline';

export type User = {
  /** Opens the address, presses the button, and gives the text of the page that follows. */
  signIn(url: string, choice: Choice): Promise<string>;
  leave(): Promise<void>;
};

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--ignore-certificate-errors',
];

export const browserPath = findProgram('chromium', 'chromium-browser');

/** A user in a real browser. */
export async function startBrowserUser(executablePath: string): Promise<User> {
  const browser = await chromium.launch({ executablePath, args: flags });
  return {
    async signIn(url, choice) {
      const page = await browser.newPage({ ignoreHTTPSErrors: true });
      await page.goto(url);
      await Promise.all([page.waitForURL('http://localhost:*/callback?*'), page.click(`button[value=${choice}]`)]);
      const text = await page.innerText('body');
      await page.close();
      return text;
    },
    leave: () => browser.close(),
  };
}

/** A user who submits the page's form and follows its redirect, without a browser. */
export const scriptedUser: User = {
  async signIn(url, choice) {
    const form = await (await fetch(url)).text();
    if (!form.includes(`<button name="choice" value="${choice}">`)) throw new Error(`no such button: ${form}`);
    const body = new URLSearchParams({ choice });
    const answer = await fetch(url, { method: 'POST', body, redirect: 'manual' });
    const back = await fetch(answer.headers.get('location') ?? '');
    return (await back.text()).replaceAll(/<[^>]*>/g, '');
  },
  leave: () => Promise.resolve(),
};
