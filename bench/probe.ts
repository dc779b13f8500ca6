import { existsSync, readFileSync } from 'node:fs';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer } from 'node:http';
import { Session } from 'node:inspector/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/*
 * For `node --import`: lets the benchmark ask a measured process for its own figures over a socket. Nothing runs between two
 * questions, so it costs the process nothing while requests are counted.
 */
const delay = monitorEventLoopDelay({ resolution: 1 });
const session = new Session();
session.connect();

/** CPU time at the start of each request, in milliseconds. */
const startedAt: number[] = [];
const noteStart = () => void startedAt.push(readCpuMs());

function readCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const answers: Readonly<Record<string, () => unknown>> = {
  '/usage': () => {
    const { rss, heapUsed, external } = process.memoryUsage();
    return { cpuMs: readCpuMs(), rssBytes: rss, liveBytes: heapUsed + external, peakBytes: readPeakBytes() };
  },
  '/collect': () => {
    setFlagsFromString('--expose-gc');
    runInNewContext('gc')();
  },
  '/watch': () => {
    delay.reset();
    delay.enable();
  },
  '/longest-block': () => {
    delay.disable();
    return { longestMs: delay.count === 0 ? 0 : delay.max / 1e6 };
  },
  '/count-requests': () => {
    startedAt.length = 0;
    subscribe('http.server.request.start', noteStart);
  },
  // This question is the last request, and ends the one before.
  '/cpu-of-requests': () => {
    unsubscribe('http.server.request.start', noteStart);
    return startedAt.slice(1).map((ms, at) => ms - (startedAt[at] ?? 0));
  },
  '/profile': async () => {
    await session.post('Profiler.enable');
    await session.post('Profiler.start');
  },
  '/profile-end': async () => (await session.post('Profiler.stop')).profile,
};

/** On Linux the peak that getrusage tells begins with that of the process that started this one; the kernel's own does not. */
function readPeakBytes(): number {
  const kilobytes = existsSync('/proc/self/status')
    ? Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
    : process.resourceUsage().maxRSS;
  return kilobytes * 1024;
}

const path = process.env['BENCH_PROBE'];
// Children of the measured process must not take its socket.
delete process.env['BENCH_PROBE'];
delete process.env['NODE_OPTIONS'];
if (path !== undefined) {
  createServer((request, response) => {
    void Promise.resolve(answers[request.url ?? '']?.()).then((value) => response.end(JSON.stringify(value ?? null)));
  })
    .listen(path)
    .unref();
}
