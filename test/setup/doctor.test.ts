import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startStage } from '../e2e/stage/stage.ts';
import type { App, Stage } from '../e2e/stage/stage.ts';
import { openContainer } from '../e2e/stage/usage-container.ts';
import { runCommand, startProcess } from './command.ts';
import type { Ended } from './command.ts';

const reportSchema = z.strictObject({
  ok: z.boolean(),
  findings: z.array(
    z.strictObject({
      status: z.enum(['ok', 'warn', 'FAIL', 'skip']),
      check: z.string(),
      detail: z.string(),
      cure: z.string().optional(),
    }),
  ),
});
const key = 'test-function-key';
const hoursOfDay = 24;

let stage: Stage;
let app: App;

beforeAll(async () => {
  stage = await startStage({ customers: 12 });
  app = await stage.startApp();
  await app.tick();
});
afterEach(() => stage.clearFaults());
afterAll(() => stage.end());

async function doctor(args: readonly string[] = [], changes: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return await runCommand({ script: 'doctor', args, env: { ...stage.settings, ...changes } });
}

/** The command as a process that lives in the time of the local cloud. */
async function doctorInCloudTime(...args: readonly string[]): Promise<Ended> {
  return await startProcess({ script: 'doctor', args, env: stage.settings, followsClock: true }).ended;
}

/** The status of each check, in order. */
function readStatuses(lines: readonly string[]): Readonly<Record<string, string>> {
  const found = lines.flatMap((line) => /^(ok|warn|FAIL|skip) +([\w-]+) /.exec(line) ?? []);
  return Object.fromEntries(found.flatMap((_, at) => (at % 3 === 0 ? [[found[at + 2], found[at + 1]]] : [])));
}

const allOk = {
  settings: 'ok',
  identity: 'ok',
  vault: 'ok',
  'refresh-token': 'ok',
  token: 'ok',
  'partner-center': 'ok',
  storage: 'ok',
};

describe('npm run doctor', () => {
  it('finds every part of a good set-up, and the running service', async () => {
    const ended = await doctorInCloudTime(`--url=${app.base}`, `--key=${key}`);

    expect(readStatuses(ended.lines)).toEqual({ ...allOk, service: 'ok' });
    expect(ended.output).toMatch(
      /^ok {4}refresh-token {3}secret partner-center-refresh-token is 0 days old, 90 days left$/m,
    );
    expect(ended.output).toMatch(/^ok {4}partner-center {2}12 records, isMfaCompliant true$/m);
    expect(ended.output).toMatch(/^ok {4}storage {9}12 records of \d{4}-\d\d, \d minutes old, fresh$/m);
    expect(ended.output).toMatch(/^ok {4}service {9}health\/ready says pass: 12 records, fresh$/m);
    expect(ended.code).toBe(0);
  });

  it('reads a settings file, says the same in JSON, and finds the certificate', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'doctor-'));
    const file = join(folder, 'settings.env');
    const values = { ...stage.settings, PARTNER_CENTER_CLIENT_CERTIFICATE_NAME: 'partner-center-client-certificate' };
    await writeFile(
      file,
      Object.entries(values)
        .map(([name, value]) => `${name}="${value}"\n`)
        .join(''),
    );
    const { output, code } = await runCommand({ script: 'doctor', args: [`--settings=${file}`, '--json'] });
    await rm(folder, { recursive: true });
    const { ok, findings } = reportSchema.parse(JSON.parse(output));

    expect({ ok, code }).toEqual({ ok: true, code: 0 });
    expect(findings.map(({ check }) => check)).toEqual(Object.keys(allOk));
    expect(findings.find(({ check }) => check === 'vault')?.detail).toMatch(/holds the certificate, \d{4} days left$/);
  });

  it('changes nothing and shows no secret', async () => {
    const before = await stage.secret('partner-center-refresh-token');
    const [stored, written] = [await stage.calls('secretSet'), await stage.calls('storageWrite')];
    const { output } = await doctor();

    expect([await stage.calls('secretSet'), await stage.calls('storageWrite')]).toEqual([stored, written]);
    expect(output).not.toContain(before.value);
    expect(output).not.toContain((await stage.secret('partner-center-client-secret')).value);
    expect(output).not.toMatch(/ey[\w-]{20,}\.[\w-]+\.[\w-]+/);
  });

  it.each([
    [
      'entra',
      'refresh-token-expired',
      { token: 'FAIL', 'partner-center': 'skip' },
      /UpstreamAuthRequired: the refresh token has expired .*AADSTS700082\) {2}cure: npm run consent/,
    ],
    [
      'entra',
      'mfa-required',
      { token: 'FAIL', 'partner-center': 'skip' },
      /UpstreamAuthRequired: .*multi-factor.*AADSTS50076\) {2}cure: npm run consent/,
    ],
    [
      'entra',
      'client-secret-expired',
      { token: 'FAIL', 'partner-center': 'skip' },
      /UpstreamForbidden: the client secret .* expired .*cure: create a new client secret/,
    ],
    [
      'partner-center',
      'mfa-required',
      { 'partner-center': 'FAIL' },
      /UpstreamAuthRequired: Partner Center requires multi-factor.*900421\) {2}cure: npm run consent/,
    ],
    [
      'partner-center',
      '403',
      { 'partner-center': 'FAIL' },
      /UpstreamForbidden: .*\(403, 900329\) {2}cure: npm run consent/,
    ],
    [
      'partner-center',
      '404',
      { 'partner-center': 'FAIL' },
      /UpstreamUnavailable: there is no such list.* {2}cure: .*PARTNER_CENTER_API_URL/,
    ],
    ['partner-center', '429', { 'partner-center': 'FAIL' }, /UpstreamThrottled: .* {2}cure: wait/],
    [
      'partner-center',
      '502',
      { 'partner-center': 'FAIL' },
      /UpstreamUnavailable: Partner Center failed \(502\) {2}cure: wait/,
    ],
    ['partner-center', 'truncated', { 'partner-center': 'FAIL' }, /UpstreamInvalid: .* {2}cure: /],
    [
      'key-vault',
      '403',
      { vault: 'FAIL', 'refresh-token': 'FAIL', token: 'skip', 'partner-center': 'skip' },
      /SecretsUnavailable: the vault refused .*cure: grant Key Vault Secrets User/,
    ],
    [
      'key-vault',
      '404',
      { vault: 'FAIL', 'refresh-token': 'FAIL', token: 'skip', 'partner-center': 'skip' },
      /SecretsUnavailable: the vault has no secret partner-center-refresh-token {2}cure: store it/,
    ],
    [
      'key-vault',
      '503',
      { vault: 'FAIL', 'refresh-token': 'FAIL', token: 'skip', 'partner-center': 'skip' },
      /SecretsUnavailable: the vault did not answer \(503, ServiceUnavailable\) {2}cure: check/,
    ],
    [
      'storage',
      '403',
      { storage: 'FAIL' },
      /StorageUnavailable: storage refused .*cure: grant Storage Blob Data Contributor/,
    ],
    [
      'storage',
      'container-missing',
      { storage: 'FAIL' },
      /StorageUnavailable: there is no such container .*USAGE_CONTAINER/,
    ],
    [
      'storage',
      'corrupt-blob',
      { storage: 'FAIL' },
      /StorageUnavailable: snapshots\/\S+ cannot be used \(corrupt\) {2}cure: none needed/,
    ],
    [
      'storage',
      'pointer-missing-blob',
      { storage: 'FAIL' },
      /StorageUnavailable: snapshots\/\S+ cannot be used \(missing\) {2}cure: none needed/,
    ],
  ])('finds %s %s', async (service, kind, changed, said) => {
    await stage.fault(service, kind);
    const { lines, code } = await doctor();

    expect(code).toBe(1);
    expect(readStatuses(lines)).toEqual({ ...allOk, ...changed });
    expect(lines.filter((line) => said.test(line))).not.toEqual([]);
  });

  it('ends its process with 1 when a check failed', async () => {
    await stage.fault('entra', 'refresh-token-expired');
    const { output, code } = await doctorInCloudTime();

    expect(output).toMatch(/^FAIL {2}token {11}UpstreamAuthRequired: .* {2}cure: npm run consent: /m);
    expect(code).toBe(1);
  });

  it('names bad settings, and skips what needs them', async () => {
    const ended = await doctor([], { USAGE_STORAGE_URL: '', USAGE_FRESH_MINUTES: 'soon' });

    expect(ended.lines[0]).toMatch(
      /^FAIL {2}settings {8}Misconfigured: USAGE_STORAGE_URL must be an https URL.*; USAGE_FRESH_MINUTES must be a whole/,
    );
    expect(ended.output.match(/^skip {2}[\w-]+ +needs settings$/gm)).toHaveLength(6);
    expect(ended.code).toBe(1);
  });

  it('leaves it to the service whether App Service authentication is on', async () => {
    expect(readStatuses((await doctor([], { CALLER_AUTH: 'entra' })).lines)).toEqual(allOk);
  });

  it('says when there is no sign-in to Azure, and skips what needs one', async () => {
    const ended = await doctor([], { USAGE_CREDENTIAL: 'developer' });

    expect(ended.output).toMatch(
      /^FAIL {2}identity .*no sign-in to Azure \(CredentialUnavailableError\) {2}cure: .*az login/m,
    );
    expect(ended.output.match(/^skip {2}[\w-]+ +needs identity$/gm)).toHaveLength(5);
  });

  it('tells a service that refuses the key from one that is not there', async () => {
    const refused = await doctor([`--url=${app.base}/`]);
    const gone = await doctor(['--url=http://localhost:9']);

    expect(refused.output).toMatch(
      /^FAIL {2}service .*\(401\) {2}cure: give a function key by --key, or a token by --token/m,
    );
    expect(gone.output).toMatch(/^FAIL {2}service .*does not answer {2}cure: check --url/m);
  });

  it('tells the service from something else at its address', async () => {
    const server = createServer((request, response) => {
      const isLive = request.url === '/api/health/live';
      const isSignedIn = request.headers.authorization === 'Bearer entra-token';
      response.writeHead(isLive ? 200 : isSignedIn ? 404 : 401).end('hello');
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    server.listen(0, '127.0.0.1', resolve);
    await promise;
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const other = await doctor([`--url=http://localhost:${port}`, '--token=entra-token']);
    const empty = await doctor([`--url=http://localhost:${port}/elsewhere`]);
    server.close();

    expect(other.output).toMatch(/^FAIL {2}service .*answers 404: no answer of this service/m);
    expect(empty.output).toMatch(/^FAIL {2}service .*health\/live answers 401 {2}cure: check the address/m);
  });

  it('says what a misconfigured service says', async () => {
    const broken = await stage.startApp({ KEY_VAULT_URL: '' });
    const { output } = await doctor([`--url=${broken.base}`, `--key=${key}`]);
    await broken.stop();

    expect(output).toMatch(
      /^FAIL {2}service .*health\/ready answers 503: Misconfigured; KEY_VAULT_URL must be an https URL.* {2}cure: /m,
    );
  });
});

describe('npm run doctor, before the first refresh', () => {
  const settings = { USAGE_CONTAINER: 'empty' };

  it('says that there is no snapshot yet', async () => {
    await openContainer(stage, 'empty').create();
    const { output, code } = await doctor([], settings);

    expect(output).toMatch(/^warn {2}storage .*without a snapshot yet {2}cure: wait for the first refresh/m);
    expect(code).toBe(0);
  });

  it('says why when a refresh has failed', async () => {
    const other = await stage.startApp(settings);
    await stage.fault('entra', 'client-secret-expired', 1);
    await other.tick();
    const { output, code } = await doctor([], settings);

    expect(output).toMatch(
      /^FAIL {2}storage .*CacheEmpty: .* the last refresh failed: UpstreamForbidden {2}cure: see/m,
    );
    expect(code).toBe(1);
    await other.stop();
  });
});

describe('npm run doctor, as time goes by', () => {
  it('tells the age of list and token', async () => {
    // A 404 is not tried again, so nothing waits.
    await stage.fault('partner-center', '404');
    await stage.advanceHours(2);
    await app.tick();
    const stale = await doctorInCloudTime(`--url=${app.base}`, `--key=${key}`);
    await stage.advanceHours(6 * hoursOfDay);
    const degraded = await doctorInCloudTime();
    await stage.advanceHours(55 * hoursOfDay);
    const old = await doctorInCloudTime(`--url=${app.base}`, `--key=${key}`);
    await stage.advanceHours(30 * hoursOfDay);
    const dead = await doctorInCloudTime();

    expect(stale.output).toMatch(
      /^warn {2}storage .* 120 minutes old, stale; the last refresh failed: UpstreamUnavailable {2}cure: see/m,
    );
    expect(stale.output).toMatch(
      /^warn {2}service .*says warn: 12 records, stale, data-old, refresh-failed {2}cure: see/m,
    );
    expect(stale.code).toBe(1);
    expect(degraded.output).toMatch(/^warn {2}storage .*, degraded; /m);
    expect(old.output).toMatch(
      /^warn {2}refresh-token .* is 61 days old, 29 days left {2}cure: .*token\.store-failed/m,
    );
    expect(old.output).toMatch(/^FAIL {2}storage .*SnapshotExpired: 12 records .*, expired; /m);
    expect(old.output).toMatch(/^FAIL {2}service .*says fail: .* {2}cure: see/m);
    expect(dead.output).toMatch(/^FAIL {2}refresh-token .* is 91 days old and has expired {2}cure: npm run consent/m);
    expect(dead.output).toMatch(/^skip {2}token +needs refresh-token$/m);
  });
});
