import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startStage } from '../e2e/stage/stage.ts';
import type { Stage } from '../e2e/stage/stage.ts';
import { runCommand, startCommand, startProcess } from './command.ts';
import type { Ended } from './command.ts';
import { browserPath, scriptedUser, startBrowserUser } from './user.ts';
import type { Choice } from './user.ts';

const secretName = 'partner-center-refresh-token';
const arrived = /The answer has arrived/;
const authorizeUrl = /^https:\/\/localhost:\d+\/\S+\/oauth2\/v2\.0\/authorize\?\S+(?=\n)/m;
const day = 86_400;

let stage: Stage;
let folder: string;
let settings: string;

beforeAll(async () => {
  stage = await startStage({ customers: 12 });
  folder = await mkdtemp(join(tmpdir(), 'consent-'));
  settings = join(folder, 'settings.json');
  await writeFile(settings, JSON.stringify({ IsEncrypted: false, Values: stage.settings }));
});
afterEach(() => stage.clearFaults());
afterAll(async () => {
  await stage.end();
  await rm(folder, { recursive: true });
});

function startConsent(...args: readonly string[]) {
  return startCommand({ script: 'consent', args: [`--settings=${settings}`, '--yes', '--port=0', ...args] });
}

/** Runs the command with a user who makes this choice at the sign-in page. */
async function consent(choice: Choice, args: readonly string[] = [], who = scriptedUser): Promise<Ended> {
  const command = startConsent(...args);
  expect(await who.signIn(await command.line(authorizeUrl), choice)).toMatch(arrived);
  return await command.ended;
}

async function storedToken(): Promise<string> {
  return (await stage.secret(secretName)).value;
}

describe('npm run consent', () => {
  it('stores the refresh token of a sign-in with MFA, after one call with it', async () => {
    const before = await storedToken();
    const callsBefore = await stage.calls('usagerecords');
    const command = startProcess({ script: 'consent', args: [`--settings=${settings}`, '--yes', '--port=0'] });
    await scriptedUser.signIn(await command.line(authorizeUrl), 'mfa');
    const { code, lines } = await command.ended;
    const { value, id, attributes } = await stage.secret(secretName);

    expect(lines).toEqual(
      expect.arrayContaining([
        'ok    credential      the client secret in secret partner-center-client-secret',
        'ok    sign-in         admin.agent@partner.example',
        expect.stringMatching(/^ok {4}token {11}MFA, scope user_impersonation, audience https:/),
        'ok    partner-center  12 records, isMfaCompliant true',
        expect.stringContaining(`version ${id.split('/').at(-1)} of secret ${secretName}, which expires on `),
        'Done. The service uses it at its next refresh.',
      ]),
    );
    expect(code).toBe(0);
    expect(value).not.toBe(before);
    const now = Date.parse((await stage.control()).clock.now) / 1000;
    expect(Math.abs((attributes.exp ?? 0) - now - 90 * day)).toBeLessThan(120);
    expect(await stage.calls('usagerecords')).toBe(callsBefore + 1);
  });

  it('says beforehand what it is about to do, and never shows a secret or a token', async () => {
    const { output, lines } = await consent('mfa');
    const plan = lines.slice(
      0,
      lines.findIndex((line) => line.startsWith('ok')),
    );

    expect(plan.join('\n')).toContain(`  tenant         ${stage.settings['PARTNER_CENTER_TENANT_ID']}`);
    expect(plan.join('\n')).toContain(`  app            ${stage.settings['PARTNER_CENTER_CLIENT_ID']}`);
    expect(plan.join('\n')).toContain(`/user_impersonation offline_access openid profile`);
    expect(plan.join('\n')).toContain(`  writes         secret ${secretName} of ${stage.settings['KEY_VAULT_URL']}`);
    expect(output).not.toContain(await storedToken());
    expect(output).not.toContain((await stage.secret('partner-center-client-secret')).value);
    expect(output).not.toMatch(/ey[\w-]{20,}\.[\w-]+\.[\w-]+/);
  });

  it('gives the service a token it can use, when the old one had died', async () => {
    const app = await stage.startApp();
    await stage.fault('entra', 'refresh-token-expired', 2);
    await app.tick();
    expect(app.takeEvents()).toContainEqual(expect.objectContaining({ code: 'UpstreamAuthRequired' }));
    await stage.clearFaults();
    expect((await consent('mfa')).code).toBe(0);
    await app.tick();
    expect(app.takeEvents()).toContainEqual(expect.objectContaining({ event: 'refresh.published', recordCount: 12 }));
    await app.stop();
  });

  it('signs in by certificate when one is named', async () => {
    const name = 'partner-center-client-certificate';
    const { code, output } = await consent('mfa', [`--PARTNER_CENTER_CLIENT_CERTIFICATE_NAME=${name}`]);

    expect(output).toContain(`ok    credential      the certificate in secret ${name}`);
    expect(code).toBe(0);
  });

  it.skipIf(browserPath === undefined)('works in Chromium', async () => {
    const user = await startBrowserUser(browserPath ?? '');
    try {
      expect((await consent('mfa', [], user)).code).toBe(0);
      expect((await consent('decline', [], user)).output).toContain('Nothing was stored.');
    } finally {
      await user.leave();
    }
  });

  it.each<[Choice, RegExp]>([
    ['no-mfa', /^FAIL {2}token .*UpstreamAuthRequired: the sign-in was without MFA {2}cure: npm run consent/m],
    [
      'other-tenant',
      /^FAIL {2}token .*the user belongs to another tenant {2}cure: npm run consent, in a private window/m,
    ],
    ['decline', /^FAIL {2}sign-in .*the consent was declined \(access_denied, AADSTS65004\) {2}cure: .*accept/m],
    ['no-role', /^FAIL {2}partner-center .*may not read usage \(403, 900308\) {2}cure: give the user the Admin agent/m],
  ])('stores nothing after %s, and says why', async (choice, said) => {
    const before = await storedToken();
    const { code, output } = await consent(choice);

    expect(output).toMatch(said);
    expect(output).toContain('Nothing was stored.');
    expect(code).toBe(1);
    expect(await storedToken()).toBe(before);
  });

  it.each([
    ['entra', 'code-expired', /^FAIL {2}sign-in .*the code of the sign-in had expired \(invalid_grant, AADSTS70008\)/m],
    [
      'entra',
      'client-secret-expired',
      /^FAIL {2}sign-in .*the client secret .* has expired \(.*AADSTS7000222\) {2}cure: create/m,
    ],
    ['entra', 'mfa-required', /^FAIL {2}sign-in .*multi-factor .*AADSTS50076\) {2}cure: npm run consent, as a user/m],
    ['entra', 'no-refresh-token', /^FAIL {2}sign-in .*no refresh token {2}cure: .*offline_access/m],
    [
      'partner-center',
      'mfa-required',
      /^FAIL {2}partner-center .*multi-factor.*\(401, 900421\) {2}cure: npm run consent/m,
    ],
    ['partner-center', '403', /^FAIL {2}partner-center .*app-only tokens \(403, 900329\) {2}cure: npm run consent/m],
    ['partner-center', '401', /^FAIL {2}partner-center .*refused the token \(401, 400\) {2}cure: check/m],
    ['partner-center', 'reset', /^FAIL {2}partner-center .*no complete answer.* {2}cure: check the service health/m],
    [
      'key-vault',
      '403',
      /^FAIL {2}credential .*the vault refused .*\(403, Forbidden\) {2}cure: grant Key Vault Secrets/m,
    ],
  ])('names the cure for %s %s', async (service, kind, said) => {
    const before = await storedToken();
    await stage.fault(service, kind);
    const command = startConsent();
    if (service !== 'key-vault') await scriptedUser.signIn(await command.line(authorizeUrl), 'mfa');
    const { code, output } = await command.ended;
    await stage.clearFaults();

    expect(output).toMatch(said);
    expect(code).toBe(1);
    expect(await storedToken()).toBe(before);
  });

  it('says that the vault does not let it write, after all went well', async () => {
    const command = startConsent();
    const url = await command.line(authorizeUrl);
    await stage.fault('key-vault', '403');
    await scriptedUser.signIn(url, 'mfa');

    expect((await command.ended).output).toMatch(
      /^FAIL {2}vault .*\(403, Forbidden\) {2}cure: .*Secrets Officer to write/m,
    );
  });

  it('takes no answer but the one to its own request', async () => {
    const command = startConsent();
    const url = await command.line(authorizeUrl);
    const callback = new URL(url).searchParams.get('redirect_uri') ?? '';
    const stray = await fetch(`${callback}?code=stolen&state=guessed`);
    const elsewhere = await fetch(callback.replace('callback', 'favicon.ico'));
    await scriptedUser.signIn(url, 'mfa');

    expect([stray.status, elsewhere.status]).toEqual([400, 404]);
    expect(await stray.text()).toContain('belongs to another run');
    expect((await command.ended).code).toBe(0);
  });

  it('opens the browser of the platform when asked to', async () => {
    const opener = join(folder, 'xdg-open');
    await writeFile(
      opener,
      `#!/bin/sh\nprintf %s "$1" > '${folder}/opened.tmp' && mv '${folder}/opened.tmp' '${folder}/opened'\n`,
    );
    await chmod(opener, 0o755);
    const env = { PATH: `${folder}:${process.env['PATH']}` };
    const args = [`--settings=${settings}`, '--yes', '--port=0', '--open'];
    const command = startProcess({ script: 'consent', args, env });
    const url = await command.line(authorizeUrl);
    await scriptedUser.signIn(url, 'mfa');
    await command.ended;

    expect(await readFile(join(folder, 'opened'), 'utf8')).toBe(url);
  });

  it('goes on without a browser to open', async () => {
    const args = [`--settings=${settings}`, '--yes', '--port=0', '--open'];
    const command = startProcess({ script: 'consent', args, env: { PATH: folder.replace('consent-', 'nothing-') } });
    await command.line(/No browser could be opened/);
    await scriptedUser.signIn(await command.line(authorizeUrl), 'mfa');

    expect((await command.ended).code).toBe(0);
  });

  it('gives up when nobody signs in', async () => {
    const { code, output } = await startConsent('--timeout=0').ended;

    expect(output).toMatch(/^FAIL {2}sign-in .*nobody came back from the sign-in page {2}cure: .*AADSTS50011/m);
    expect(code).toBe(1);
  });

  it('does nothing without a person or --yes', async () => {
    const { code, output } = await runCommand({ script: 'consent', args: [`--settings=${settings}`, '--port=0'] });

    expect(output).toContain('there is no terminal to confirm at\ncure: read the plan above, then add --yes');
    expect(code).toBe(1);
  });

  it('names the settings that are bad or missing, from wherever they come', async () => {
    const env = { KEY_VAULT_URL: 'http://contoso', PARTNER_CENTER_TENANT_ID: ' ' };
    const args = ['--PARTNER_CENTER_CLIENT_ID=8d1f6a8e-2f5c-4f0e-9f65-1f2f0b7f3a22'];
    const { code, output } = await runCommand({ script: 'consent', env, args });

    expect(output).toContain('KEY_VAULT_URL: an https URL');
    expect(output).toContain('PARTNER_CENTER_TENANT_ID: a GUID');
    expect(output).not.toContain('PARTNER_CENTER_CLIENT_ID');
    expect(code).toBe(1);
  });

  it('says that its port is taken', async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve(readPort(server.address())));
    });
    const { output } = await runCommand({ script: 'consent', args: [`--settings=${settings}`, `--port=${port}`] });
    server.close();

    expect(output).toContain(`port ${port} of this machine cannot be used\ncure: choose another with --port`);
  });

  it.each([
    [['--port=seven'], '--port takes a whole number from 0 to 65535'],
    [['--tenant=x'], "Unknown option '--tenant'"],
    [['--settings=nowhere.json'], 'nowhere.json cannot be read as settings'],
  ])('refuses %s', async (args, said) => {
    const { code, output } = await runCommand({ script: 'consent', args });

    expect(output).toContain(said);
    expect(code).toBe(1);
  });
});

function readPort(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}
