import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Client } from 'undici';
import { z } from 'zod';
import { startHostProcess } from '../local/host/process.ts';
import { receive } from './child-message.ts';
import { profileSchema, type Profile } from './profile.ts';

export const functionKey = 'bench-key';

const usageSchema = z.object({
  cpuMs: z.number(),
  rssBytes: z.number(),
  /** What a collection left: the heap with what hangs on it outside. */
  liveBytes: z.number(),
  peakBytes: z.number(),
});
const requestsSchema = z.array(z.number());
const blockSchema = z.object({ longestMs: z.number() });

type Usage = z.infer<typeof usageSchema>;

/** A server in a process of its own that tells its CPU time, memory and event-loop delay. */
export type MeasuredProcess = {
  readonly origin: string;
  readonly readUsage: () => Promise<Usage>;
  readonly collectGarbage: () => Promise<void>;
  /** Starts to watch the event loop. */
  readonly watchEventLoop: () => Promise<void>;
  /** The longest block since the watch began, in milliseconds. */
  readonly readLongestBlock: () => Promise<number>;
  /** Starts to note what each request costs; they must come one at a time. */
  readonly countRequests: () => Promise<void>;
  /** CPU of each request since then, in milliseconds, in order. */
  readonly readCpuOfRequests: () => Promise<readonly number[]>;
  readonly startProfile: () => Promise<void>;
  readonly endProfile: () => Promise<Profile>;
  readonly stop: () => Promise<void>;
};

type HostOptions = {
  /** Holds the socket of the probe, and `no.settings.json` in place of a developer's own settings. */
  readonly folder: string;
  readonly name: string;
  readonly settings: Readonly<Record<string, string>>;
  /** The folder of the function app; absent: this repository. */
  readonly app?: string;
  readonly nodeOptions?: string;
};

/** Starts a function app in the development host. */
export async function startMeasuredHost(options: HostOptions): Promise<MeasuredProcess> {
  const { folder, settings, app, nodeOptions = '' } = options;
  const socket = join(folder, `${options.name}-${crypto.randomUUID().slice(0, 8)}.sock`);
  const host = startHostProcess({
    port: 0,
    settings: { ...settings, ...probeEnvironment(socket, nodeOptions) },
    // A line a request would be written and read, and measured with it.
    args: [
      '--log=warning',
      `--key=${functionKey}`,
      '--master-key=bench-master-key',
      `--settings=${join(folder, 'no.settings.json')}`,
      ...(app === undefined ? [] : [`--app=${app}`]),
    ],
    onEntry: ({ level, message }) => {
      if (level === 'error') console.error(`${options.name}: ${message}`);
    },
  });
  const { message } = await host.waitForEntry(undefined, 'host ready');
  return { origin: message.replace('host ready ', ''), ...createProbeClient(socket), stop: host.stop };
}

/** Starts a script that sends its parent `{ origin }` once it listens. */
export async function startMeasuredScript(folder: string, script: string, args: string[]): Promise<MeasuredProcess> {
  const socket = join(folder, `script-${crypto.randomUUID().slice(0, 8)}.sock`);
  const child = fork(script, args, { env: { ...process.env, ...probeEnvironment(socket, '') } });
  const { origin } = await receive(child, z.object({ origin: z.string() }));
  const stop = async () => {
    child.kill();
    await once(child, 'exit');
  };
  return { origin, ...createProbeClient(socket), stop };
}

function probeEnvironment(socket: string, nodeOptions: string) {
  const probe = new URL('probe.ts', import.meta.url).href;
  return { BENCH_PROBE: socket, NODE_OPTIONS: `--import=${probe} ${nodeOptions}`.trim() };
}

function createProbeClient(socketPath: string): Omit<MeasuredProcess, 'origin' | 'stop'> {
  async function ask(path: string): Promise<unknown> {
    const client = new Client('http://probe', { socketPath });
    try {
      const { body } = await client.request({ method: 'GET', path });
      return await body.json();
    } finally {
      await client.close();
    }
  }
  return {
    readUsage: async () => usageSchema.parse(await ask('/usage')),
    collectGarbage: async () => void (await ask('/collect')),
    watchEventLoop: async () => void (await ask('/watch')),
    readLongestBlock: async () => blockSchema.parse(await ask('/longest-block')).longestMs,
    countRequests: async () => void (await ask('/count-requests')),
    readCpuOfRequests: async () => requestsSchema.parse(await ask('/cpu-of-requests')),
    startProfile: async () => void (await ask('/profile')),
    endProfile: async () => profileSchema.parse(await ask('/profile-end')),
  };
}
