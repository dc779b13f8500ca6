import { once } from 'node:events';
import { join } from 'node:path';
import { z } from 'zod';
import { loadApp, readJson } from './app.ts';
import { followCloudClock } from './cloud-clock.ts';
import { installCoreModule } from './core-module.ts';
import { indexFunctions, type IndexedFunction } from './functions-index.ts';
import { createInvoke, type Invoke } from './invocation.ts';
import type { Keys } from './keys.ts';
import { type HostLog, keepQuiet, logLevels } from './log.ts';
import { createHostServer } from './server.ts';
import { installShiftedDate } from './shifted-date.ts';
import { createTimers } from './timers.ts';

export type HostOptions = {
  /** Holds `package.json`, whose `main` is loaded, and `host.json`. */
  readonly appFolder: string;
  /** On 127.0.0.1; 0 takes a free one. */
  readonly port: number;
  readonly keys: Keys;
  /** The app's settings, complete before the app is imported: usually `process.env`. */
  readonly settings: Readonly<Record<string, string | undefined>>;
  readonly log: HostLog;
};
export type Host = Awaited<ReturnType<typeof startHost>>;

const httpSchema = z.object({
  routePrefix: z.string().default('api'),
  customHeaders: z.record(z.string(), z.string()).default({}),
});
const logLevelSchema = z.string().toLowerCase().pipe(z.enum(logLevels));
const hostJsonSchema = z.object({
  version: z.literal('2.0'),
  extensions: z.object({ http: httpSchema.prefault({}) }).prefault({}),
  logging: z.object({ logLevel: z.record(z.string(), logLevelSchema).default({}) }).prefault({}),
});

/**
 * Runs one compiled Azure Functions app (v4 model) in this process, which can hold only one. Throws when `host.json` is
 * invalid or the port is taken; when the app does not load, that is logged and every route answers 404.
 */
export async function startHost({ appFolder, port, keys, settings, log: write }: HostOptions) {
  const { extensions, logging } = hostJsonSchema.parse(readJson(join(appFolder, 'host.json')));
  const { routePrefix, customHeaders } = extensions.http;
  const log = keepQuiet(write, logging.logLevel);
  const core = installCoreModule((level, category, message) => {
    log({ level, category: category === 'user' ? 'Worker.User' : 'Worker', message });
  });
  const running = new Set<Promise<unknown>>();
  const invoke = track(createInvoke(core, log), running);
  const clock = await startClock(settings['LOCAL_CLOUD_CONTROL_URL'], log);

  const isLoaded = await loadApp(appFolder, core, log);
  const refuse = (name: string, reason: string) => {
    log({ level: 'error', category: 'Host.Startup', message: `The '${name}' function is in error: ${reason}` });
  };
  const registered = isLoaded ? core.functions.values() : [];
  const functions = indexFunctions({ registered, routePrefix, settings, refuse });
  const timers = createTimers({ timers: functions.filter((each) => each.kind === 'timer'), invoke });
  clock.onMove(timers.replan);

  const homepage = settings['AzureWebJobsDisableHomepage']?.toLowerCase() !== 'true';
  const server = createHostServer({ functions, keys, customHeaders, homepage, invoke, timers, log });
  await once(server.listen(port, '127.0.0.1'), 'listening');
  logFunctions(functions, log);
  timers.start();

  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    /** Stops accepting, and lets running invocations finish. */
    stop: async (): Promise<void> => {
      clock.stop();
      timers.stop();
      const closed = once(server.close(), 'close');
      while (running.size > 0) await Promise.all(running);
      await closed;
    },
  };
}

/** Follows the cloud's clock when the settings name one; its first value applies when this resolves. */
async function startClock(controlUrl: string | undefined, log: HostLog) {
  const following = new AbortController();
  const listeners: (() => void)[] = [];
  const clock = { onMove: (listener: () => void) => listeners.push(listener), stop: () => following.abort() };
  if (controlUrl === undefined) return clock;

  const setOffset = installShiftedDate();
  const onOffset = (offsetMs: number) => {
    setOffset(offsetMs);
    for (const listener of listeners) listener();
  };
  if (!(await followCloudClock({ controlUrl, onOffset, signal: following.signal }))) {
    const message = `no clock at ${controlUrl}: continuing with the real time`;
    log({ level: 'warning', category: 'Host.Clock', message });
  }
  return clock;
}

function track(invoke: Invoke, running: Set<Promise<unknown>>): Invoke {
  return async (...args) => {
    const outcome = invoke(...args);
    running.add(outcome);
    return await outcome.finally(() => running.delete(outcome));
  };
}

function logFunctions(functions: readonly IndexedFunction[], log: HostLog): void {
  if (functions.length === 0) log({ level: 'warning', category: 'Host.Startup', message: 'No function is running.' });
  for (const each of functions) {
    const what = each.kind === 'http' ? `[${each.methods.join(',')}] /${each.path}` : 'timer';
    log({ level: 'information', category: 'Host.Startup', message: `${each.name}: ${what}` });
  }
}
