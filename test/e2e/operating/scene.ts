import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { isFiring, parseAlertRules } from '../../infra/checks/alerts.ts';
import type { LogRow } from '../../infra/checks/kql.ts';
import { startProcess } from '../../setup/command.ts';
import { scriptedUser } from '../../setup/user.ts';
import { list, refreshTokenName } from '../faults/fault-walk.ts';
import type { Walk } from '../faults/fault-walk.ts';
import type { App } from '../stage/stage.ts';
import { openContainer } from '../stage/usage-container.ts';

const root = resolve(import.meta.dirname, '../../..');
const minutesOf: Readonly<Record<string, number>> = { PT5M: 5, PT15M: 15, PT30M: 30, PT1H: 60, PT6H: 360 };
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

export const rules = parseAlertRules(await readFile(join(root, 'infra/alerts.json'), 'utf8'));
export const ready = '/api/health/ready';

export type Scene = ReturnType<typeof createScene>;

/** The app in front of Azure's alert rules: what all its processes log, and how its calls end, on the cloud's clock. */
export function createScene({ stage, app }: Walk) {
  const apps: App[] = [app];
  const requests: LogRow[] = [];
  const operations: LogRow[] = [];
  const folders: string[] = [];
  const seen: string[] = [];
  const others: App[] = [];
  let current = app;

  function rowsOf(query: string): readonly LogRow[] {
    if (query.startsWith('requests')) return requests;
    if (query.startsWith('Operation')) return operations;
    const entries = apps.flatMap((each) => each.entries);
    return entries.map(({ time, message }) => ({ message, timestamp: Date.parse(time) }));
  }

  async function now(): Promise<number> {
    return Date.parse((await stage.control()).clock.now);
  }

  async function read(path = list, times = 1): Promise<void> {
    for (let left = times; left > 0; left -= 1) {
      const { status, body } = await current.get(path);
      seen.push(body);
      requests.push({ resultCode: String(status), timestamp: await now() });
    }
  }

  async function advanceAndTick(...hours: readonly number[]): Promise<void> {
    for (const each of hours) {
      await stage.advanceHours(each);
      await current.tick();
    }
  }

  async function startApp(settings: Readonly<Record<string, string>> = {}, args: readonly string[] = []) {
    current = await stage.startApp(settings, ['--log=debug', ...args]);
    apps.push(current);
    others.push(current);
  }

  return {
    stage,
    now,
    read,
    advanceAndTick,
    startApp,
    /** What readers get now. A request waits a second at most for news of another process; the second one has them. */
    async readAll() {
      await current.get(ready);
      const [health, usage] = [await current.get(ready), await current.get(list)];
      return { health: Object(health.json), usage: Object(usage.json) };
    },
    advance: async (hours: number) => stage.advanceHours(hours),
    tick: async () => current.tick(),
    /** Every event logged and every body read since the last call of this function. */
    takeSeen(): string {
      const lines = apps.flatMap((each) => each.takeEvents().map((event) => JSON.stringify(event)));
      return [...lines, ...seen.splice(0)].join('\n');
    },
    async firing(): Promise<string[]> {
      const at = await now();
      return rules.filter((rule) => isFiring(rule, rowsOf(rule.query), at)).map(({ name }) => name);
    },
    /** Every rule that fires at one of its looks. */
    firedBetween(start: number, end: number): string[] {
      return rules
        .filter((rule) => {
          const rows = rowsOf(rule.query);
          const stepMs = (minutesOf[rule.frequency] ?? Number.NaN) * minuteMs;
          const looks = Array.from({ length: Math.floor((end - start) / stepMs) }, (_, look) => end - look * stepMs);
          if (looks.length < 4) throw new Error(`Azure looks at ${rule.name} too seldom`);
          return looks.some((at) => isFiring(rule, rows, at));
        })
        .map(({ name }) => name);
    },
    /** Ends whatever is wrong with the app of the walk, and lets the longest window pass. */
    async settle(): Promise<void> {
      current = app;
      await Promise.all(others.splice(0).map(async (other) => other.stop()));
      await stage.clearFaults();
      await stage.storeSecret(refreshTokenName, (await stage.secret(refreshTokenName)).value);
      await advanceAndTick(7);
    },
    async refreshUnder(service: string, kind: string, ...hours: readonly number[]): Promise<void> {
      await stage.fault(service, kind);
      await advanceAndTick(...(hours.length === 0 ? [1.1] : hours));
    },
    async recover(...hours: readonly number[]): Promise<void> {
      await stage.clearFaults();
      await advanceAndTick(...(hours.length === 0 ? [0.6] : hours));
    },
    /** A person renews a secret, and the app looks again. */
    async renew(name: string = refreshTokenName): Promise<void> {
      await stage.clearFaults();
      await stage.storeSecret(name, (await stage.secret(name)).value);
      await advanceAndTick(0.3);
    },
    /** `npm run consent`, with a person who signs in with MFA. */
    async consent(): Promise<void> {
      await stage.clearFaults();
      const args = ['--yes', '--port=0', '--no-open'];
      const command = startProcess({ script: 'consent', args, env: stage.settings, followsClock: true });
      await scriptedUser.signIn(await command.line(/^https:\/\/\S+\/authorize\?\S+(?=\n)/m), 'mfa');
      const { code, output } = await command.ended;
      if (code !== 0) throw new Error(output);
      await advanceAndTick(0.3);
    },
    /** Refreshes when the stored token is so old, and an hour before: the alert about the days in between is over by then. */
    async ageToken(days: number): Promise<void> {
      await stage.fault('entra', 'no-refresh-token');
      const { refreshToken } = Object((await app.get(ready)).json);
      const ageMs = (await now()) - Date.parse(refreshToken.issuedAt);
      await advanceAndTick(days * 24 - ageMs / hourMs - 1.1, 1.1);
      await read(ready);
    },
    /** What Azure writes when the workspace has taken in as much as it may in a day. */
    async useUpLogQuota(): Promise<void> {
      operations.push({ Detail: 'Data collection stopped. Ingestion status = OverQuota', timestamp: await now() });
    },
    /** Ticks when it is next this hour (UTC). */
    async advanceToHour(hour: number): Promise<void> {
      const passed = ((await now()) / hourMs) % 24;
      await advanceAndTick((hour - passed + 24) % 24);
    },
    /** An app that has just been deployed, with nothing stored yet. */
    async deploy(): Promise<void> {
      await openContainer(stage, 'first').create();
      await startApp({ USAGE_CONTAINER: 'first' });
    },
    /** A release of the app whose totals fail. */
    async startDefectiveApp(): Promise<void> {
      const folder = await mkdtemp(join(tmpdir(), 'usage-defect-'));
      folders.push(folder);
      for (const file of ['host.json', 'dist']) await cp(join(root, file), join(folder, file), { recursive: true });
      await writeFile(join(folder, 'package.json'), '{ "main": "{defect,dist/index}.cjs" }');
      await writeFile(join(folder, 'defect.cjs'), defect);
      await startApp({}, [`--app=${folder}`]);
    },
    async end(): Promise<void> {
      await stage.end();
      await Promise.all(folders.map(async (folder) => rm(folder, { recursive: true })));
    },
  };
}

const defect = `globalThis.URL = class extends URL {
  get searchParams() {
    if (this.pathname === '/api/usagesummary') throw new TypeError('planted');
    return super.searchParams;
  }
};`;
