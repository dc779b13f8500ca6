import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStage } from '../e2e/stage/stage.ts';
import type { App, Stage } from '../e2e/stage/stage.ts';
import { startScriptedServer } from '../support/services/scripted-server.ts';
import type { ScriptedAnswer, ScriptedServer } from '../support/services/scripted-server.ts';

const command = fileURLToPath(new URL('../../samples/usage.ts', import.meta.url));
const key = 'test-function-key';

type Outcome = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** The command as a script would run it: no terminal, and a folder of its own. */
async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}, cwd = tmpdir()) {
  return new Promise<Outcome>((resolve) => {
    const compiled = { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] };
    const options = { env: { ...compiled, ...env }, cwd };
    const child = execFile(process.execPath, [command, ...args], options, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr });
    });
  });
}

describe('npm run usage, of the running service', () => {
  let stage: Stage;
  let app: App;
  let env: Record<string, string>;

  beforeAll(async () => {
    stage = await startStage({ customers: 60 });
    app = await stage.startApp();
    await app.tick();
    env = { USAGE_API_URL: app.base, USAGE_API_KEY: key };
  });
  afterAll(() => stage.end());

  it('prints a table without colours, and a footer', async () => {
    const { code, stdout, stderr } = await run(['--search=azure customer', '--orderby', 'customerName'], env);
    const [heading, legacy, se, uk, blank, footer, ...rest] = stdout.split('\n');
    expect(heading).toMatch(/^Customer +Cost +Budget +Used +Pace +Status$/);
    expect(legacy).toMatch(/^LEGACY AZURE CUSTOMER SE +0\.00 none +- +- +- +no budget$/);
    expect(se).toMatch(/^Modern Azure Customer SE +120\.57 SEK +20\.00 +##########> +602\.84 % +(?:~?\d+ %|-) +over$/);
    expect(uk).toMatch(/^Modern Azure Customer UK +27\.23 GBP +97\.00 +##\.{8} +28\.08 % +(?:~?\d+ %|-) +ok$/);
    expect(blank).toBe('');
    expect(footer).toMatch(
      /^\d{4}-\d\d, fresh, data \d min old, 3 of 60 rows; estimated costs, rounded to 2 places \(--exact: all digits\)$/,
    );
    expect({ code, stderr, rest }).toEqual({ code: 0, stderr: '', rest: [''] });
  });

  it('draws and colours for a terminal as wide as it is, unless NO_COLOR asks not to', async () => {
    const terminal = 'data:text/javascript,process.stdout.isTTY=true;process.stdout.columns=84';
    const inTerminal = { ...env, NODE_OPTIONS: `--import=${terminal}` };
    const painted = await run(['--search', 'Modern Azure Customer SE'], inTerminal);
    const [heading, line] = painted.stdout.replaceAll('\u001B', 'ESC').split('\n');
    expect(heading).toMatch(/^ESC\[1mCustomer .*StatusESC\[22m$/);
    expect(line).toMatch(/ ESC\[31m█{10}▶ESC\[39m .* ESC\[31mover {2}ESC\[39m$/);
    const plain = await run(['--search', 'Modern Azure Customer SE'], { ...inTerminal, NO_COLOR: '1' });
    expect(plain.stdout).toMatch(/^Customer .*\nModern Azure Customer SE .* ██████████▶ /);
    expect(plain.stdout).not.toContain('\u001B');
  });

  it('shows all digits with --exact', async () => {
    const { stdout } = await run(['--search', 'Modern Azure Customer SE', '--exact'], env);
    expect(stdout).toContain(' 120.5682999999995904716 SEK ');
    expect(stdout).toContain('; estimated costs, all digits\n');
  });

  it('prints the list of a day, and says when it is not kept', async () => {
    const { stdout: json } = await run(['--json', '--top', '1'], env);
    const today = String(Object(JSON.parse(json)).snapshot.fetchedAt).slice(0, 10);
    const { code, stdout } = await run(['--as-of', today, '--top', '1'], env);
    expect(stdout).toMatch(new RegExp(`\\n${today}, historical, data \\d min old, 1 of 60 rows \\(60 match\\); `));
    expect(code).toBe(0);
    const lost = await run(['--as-of=2026-01-01'], env);
    expect(lost.stderr).toMatch(new RegExp(`^No list of 2026-01-01 is kept. Nearest kept: ${today}. \\(DayNotKept; `));
    expect((await run(['--period', '2026-13'], env)).stderr).toMatch(/^--period: expected a month /);
  });

  it('says when nothing matches', async () => {
    const { code, stdout } = await run(['--search', 'nobody is called so'], env);
    expect(stdout).toMatch(/^no customer matches\n\n.*, 0 of 60 rows; /);
    expect(code).toBe(0);
  });

  it('prints all rows of all pages as JSON with every digit', async () => {
    const { stdout } = await run(['--json', '--maxpagesize', '25'], env);
    expect(stdout).toContain('"totalCost":120.5682999999995904716,"totalCostText":"120.5682999999995904716",');
    const whole = await app.get('/api/customers/usagerecords?view=flat&maxpagesize=100');
    expect(JSON.parse(stdout)).toMatchObject({ value: Object(whole.json).value, totalCount: 60 });
    expect(stdout.split('\n')).toHaveLength(63);
  });

  it('prints the CSV file of the service', async () => {
    const { stdout } = await run(['--csv', '--select', 'customerName,totalCostText', '--currencyCode', 'SEK'], env);
    const rows: string[][] = parse(stdout, { bom: true });
    expect(rows.slice(0, 2)).toEqual([
      ['customerName', 'totalCostText'],
      ['Modern Azure Customer SE', '120.5682999999995904716'],
    ]);
  });

  it('finds the key that npm start keeps, on this machine', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'usage-sample-'));
    await mkdir(join(folder, '.local'));
    const { code: without, stderr } = await run(['--url', app.base], {}, folder);
    expect({ without, stderr }).toEqual({
      without: 1,
      stderr: 'the service needs a key: set --key or USAGE_API_KEY\n',
    });
    await writeFile(join(folder, '.local/keys.json'), JSON.stringify({ hostKey: 7 }));
    expect((await run(['--url', app.base], {}, folder)).code).toBe(1);
    await writeFile(join(folder, '.local/keys.json'), JSON.stringify({ hostKey: key }));
    expect((await run(['--url', app.base], {}, folder)).code).toBe(0);
    await rm(folder, { recursive: true });
  });

  it('says every mistake, one a line', async () => {
    const { code, stdout, stderr } = await run(
      ['--hasBudget', 'yes', '--serch', 'x', '--orderby', 'size', '--top', '1', '--top', '2'],
      env,
    );
    expect(stderr.split('\n').toSorted()).toEqual([
      '',
      expect.stringMatching(/^--hasBudget: expected true or false$/),
      expect.stringMatching(/^--orderby: .*\(percentUsed, totalCost, .*\)$/),
      expect.stringMatching(/^--serch: unknown parameter; did you mean `search`\?$/),
      expect.stringMatching(/^--top: /),
    ]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('says when the key is wrong', async () => {
    expect(await run(['--key', 'wrong'], env)).toEqual({
      code: 1,
      stdout: '',
      stderr: 'the key is wrong (401): set another with --key or USAGE_API_KEY\n',
    });
    expect(await run(['--key', 'wröng'], env)).toMatchObject({
      code: 1,
      stderr: 'the key contains characters that a key never has (InvalidKey)\n',
    });
  });

  it('says when the service has no data yet, and why', async () => {
    const empty = await startStage({ customers: 4 });
    // A 404 is not tried again, so nothing waits.
    await empty.fault('partner-center', '404');
    const emptyApp = await empty.startApp();
    await emptyApp.tick();
    const { code, stderr } = await run(['--url', emptyApp.base], env);
    expect(stderr).toMatch(/^the service has no usage data yet \(UpstreamUnavailable\); try again in \d+ s\n$/);
    expect(code).toBe(1);
    const bad = await empty.startApp({ KEY_VAULT_URL: undefined });
    expect(await run(['--url', bad.base], env)).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'the service is not configured: Ask the operator to correct the settings that GET /api/health/ready lists.\n',
    });
    await empty.end();
  });
});

describe('npm run usage, of a scripted service', () => {
  let server: ScriptedServer;

  beforeAll(async () => {
    server = await startScriptedServer();
  });
  afterAll(() => server.close());

  const cases: readonly (readonly [string, ScriptedAnswer, string])[] = [
    [
      'data that is too old',
      { status: 503, json: { code: 'SnapshotExpired', reason: 'UpstreamAuthRequired' } },
      'the usage data of the service is too old (UpstreamAuthRequired)\n',
    ],
    ['another address', { status: 404 }, 'there is no usage service at URL: check the URL\n'],
    [
      'another site',
      { body: '<html>', headers: { 'content-type': 'text/html' } },
      'the answer is not from the usage service (200, text/html) (NotUnderstood)\n',
    ],
    [
      'a defect',
      {
        status: 500,
        json: { code: 'InternalError', title: 'The\u001B[31m service' },
        headers: { 'x-ms-request-id': '7' },
      },
      'The\uFFFD[31m service (InternalError; request 7)\n',
    ],
    [
      'a role that is missing',
      { status: 403, json: { code: 'Forbidden', detail: 'A role.' } },
      'A role. (Forbidden)\n',
    ],
    ['a bare 400', { status: 400 }, 'the service answered 400 (Http400)\n'],
  ];

  it.each(cases)('tells %s in one line', async (_what, answer, line) => {
    server.script(answer);
    const { stdout, stderr } = await run(['--url', server.url, '--key', key]);
    expect(stderr.replace(server.url, 'URL')).toBe(line);
    expect(stdout).toBe('');
  });

  it('says when nothing is there', async () => {
    const gone = await startScriptedServer();
    await gone.close();
    expect(await run(['--url', gone.url])).toEqual({
      code: 1,
      stdout: '',
      stderr: `no answer at ${gone.url}: start it with npm start\n`,
    });
    const { stderr } = await run(['--url', 'https://usage.invalid']);
    expect(stderr).toMatch(/^no answer at https:\/\/usage\.invalid \(E[A-Z_]+\)\n$/);
  });

  it.each([
    [['minPercentUsed=80'], 'minPercentUsed=80: expected --name value'],
    [['--search'], '--search: expected a value'],
    [['--format', 'csv'], '--format: use --json or --csv'],
    [['--view=full'], '--view: rows are always flat'],
    [['--json', '--csv'], 'use --json or --csv, not both'],
    [['--select', 'customerId'], '--select: needs --json or --csv'],
    [['--url', 'usage.example'], '--url: expected a URL such as http://localhost:7071'],
  ])('refuses %j', async (args, line) => {
    expect(await run(args)).toEqual({ code: 2, stdout: '', stderr: `${line}\n` });
  });

  it('explains itself', async () => {
    const { code, stdout } = await run(['--help']);
    expect(stdout).toMatch(/^npm run usage -- \[options\] \[filters\]\n/);
    expect(code).toBe(0);
  });
});
