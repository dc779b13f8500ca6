import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { CloudOptions } from '../../../local/cloud/cloud.ts';
import { startHostProcess } from '../../../local/host/process.ts';
import type { HostEntry } from '../../../local/host/process.ts';
import { send } from '../../support/http-client.ts';
import { createIdentity } from '../../support/services/identity.ts';
import { startLocalCloud } from '../../support/services/local-cloud.ts';
import type { Reply as HttpReply } from '../../support/http-client.ts';

const key = 'test-function-key';
const masterKey = 'test-master-key';
const hourMs = 3_600_000;
/** A schedule of leap days: the timer runs when a test ticks it, and not when the clock is moved. */
const byHandOnly = '0 0 0 29 2 *';

const secretSchema = z.looseObject({
  value: z.string(),
  id: z.string(),
  attributes: z.looseObject({ exp: z.number().optional() }),
});

type AppSettings = Readonly<Record<string, string | undefined>>;

/** A line the app logged, with the function that did. */
export type AppEvent = { readonly event: string; readonly [field: string]: unknown };

export type Reply = HttpReply & {
  /** The body parsed; digits beyond a double's are in `body` only. */
  readonly json: unknown;
};

/** The local cloud on free ports, with its control endpoint and any number of processes of the built app. `end` stops them all. */
export async function startStage(options: Pick<CloudOptions, 'customers' | 'wrap'> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'usage-stage-'));
  const cloud = await startLocalCloud({ customers: 60, ...options });
  const { control, fault } = cloud;
  // In the place of the developer's own local.settings.json, if there is one.
  const noSettings = join(folder, 'no.settings.json');
  await writeFile(noSettings, '{}');
  const apps: App[] = [];

  async function askVault(name: string, init: RequestInit) {
    const access = await createIdentity(cloud.settings).getToken('https://vault.azure.net/.default');
    const response = await fetch(`${cloud.settings['KEY_VAULT_URL']}/secrets/${name}?api-version=7.5`, {
      ...init,
      headers: { authorization: `Bearer ${access?.token}` },
    });
    return secretSchema.parse(await response.json());
  }

  return {
    settings: cloud.settings,
    control,
    async calls(kind: string): Promise<number> {
      return (await control()).calls[kind] ?? 0;
    },
    fault,
    async clearFaults(): Promise<void> {
      await fetch(cloud.controlUrl, { method: 'DELETE' });
    },
    async advanceHours(hours: number): Promise<void> {
      await control({ advanceHours: hours });
    },
    /** The newest version of a secret, asked with a new managed-identity token: an SDK's cached one would not outlive a jump of the clock. */
    async secret(name: string) {
      return askVault(name, {});
    },
    /** Stores a new version of a secret, as a person would after a new sign-in. */
    async storeSecret(name: string, value: string) {
      return askVault(name, { method: 'PUT', body: JSON.stringify({ value }) });
    },
    /** Moves the clock to the next time it is this hour (UTC) of this day of a month. */
    async advanceToDay(day: number, hour: number): Promise<void> {
      const now = new Date((await control()).clock.now);
      const parseInstant = (month: number) => Date.UTC(now.getUTCFullYear(), month, day) + hour * hourMs;
      const thisMonth = parseInstant(now.getUTCMonth());
      const target = thisMonth > now.getTime() ? thisMonth : parseInstant(now.getUTCMonth() + 1);
      await control({ advanceHours: (target - now.getTime()) / hourMs });
    },
    /** Starts a process with the cloud's settings and these; an undefined one is missing. */
    async startApp(settings: AppSettings = {}, args: readonly string[] = []): Promise<App> {
      const app = await startApp({ ...cloud.settings, USAGE_REFRESH_SCHEDULE: byHandOnly, ...settings }, [
        `--settings=${noSettings}`,
        ...args,
      ]);
      apps.push(app);
      return app;
    },
    async end(): Promise<void> {
      await Promise.all(apps.map((app) => app.stop()));
      await cloud.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type Stage = Awaited<ReturnType<typeof startStage>>;
export type App = Awaited<ReturnType<typeof startApp>>;

async function startApp(settings: AppSettings, args: readonly string[]) {
  const events: AppEvent[] = [];
  const entries: HostEntry[] = [];
  const host = startHostProcess({
    port: 0,
    settings,
    args: [`--key=${key}`, `--master-key=${masterKey}`, ...args],
    onEntry: (entry) => {
      entries.push(entry);
      const event = eventOf(entry);
      if (event !== undefined) events.push(event);
    },
  });
  const ready = await Promise.race([host.waitForEntry(undefined, 'host ready'), host.ended]);
  if (typeof ready !== 'object') throw new Error(`the host ended: ${ready}; ${JSON.stringify(entries)}`);
  const base = ready.message.replace('host ready ', '');

  async function get(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Reply> {
    const reply = await send(base, path, { method, headers: { 'x-functions-key': key, ...headers } });
    return { ...reply, json: jsonOf(reply.body) };
  }

  return {
    base,
    events,
    entries,
    get,
    head: async (path: string) => get(path, {}, 'HEAD'),
    post: async (path: string, headers: Readonly<Record<string, string>> = {}) => get(path, headers, 'POST'),
    /** Runs the timer once, as the platform would, and waits for its end. */
    async tick(): Promise<void> {
      const executed = host.waitForEntry('warm-usage-cache', 'Executed');
      const body = '{"input":""}';
      const headers = { 'x-functions-key': masterKey, 'content-type': 'application/json', 'content-length': '12' };
      await send(base, '/admin/functions/warm-usage-cache', { method: 'POST', headers, body });
      await executed;
    },
    /** Everything logged since the last call of this function. */
    takeEvents(): AppEvent[] {
      return events.splice(0);
    },
    stop: async () => host.stop(),
    /** Sends the process a signal that nothing in it can handle. */
    signal: (signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT') => host.signal(signal),
    ended: host.ended,
  };
}

function eventOf({ message }: HostEntry): AppEvent | undefined {
  const parsed = z.looseObject({ event: z.string() }).safeParse(jsonOf(message));
  return parsed.data;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
