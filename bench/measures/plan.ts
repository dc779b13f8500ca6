import type { Load, LoadPlan, LoadResult } from '../load.ts';
import type { MeasuredProcess } from '../measured-process.ts';
import { functionKey } from '../measured-process.ts';
import type { Route, RouteName } from '../routes.ts';

/** How much is measured. */
export type Extent = {
  readonly sizes: readonly number[];
  /** Sizes for what runs without a server: the index and what it is compared with. */
  readonly indexSizes: readonly number[];
  readonly routes: readonly RouteName[];
  readonly rounds: number;
  /** How long each load lasts in each round. */
  readonly seconds: number;
};

/** What a server spent on a request, and what its callers saw. */
export type LoadFigures = { readonly cpuMs: number; readonly perSecond: number; readonly p99Ms: number };

type Server = Pick<MeasuredProcess, 'origin'> & { readonly readCpuMs: () => Promise<number> };

/** Reads the CPU time of a measured process as a server's. */
export function withCpuTime(server: MeasuredProcess): Server {
  return { origin: server.origin, readCpuMs: async () => (await server.readUsage()).cpuMs };
}

export type RequestLoad = Pick<Route, 'path' | 'headers' | 'isHeavy'> & {
  readonly status?: number;
  readonly seconds: number;
  /** Absent: as many as 16 connections get, or 2 for what is heavy. */
  readonly perSecond?: number;
};

/** Sends one kind of request for a while and reads what it cost the server. */
export async function measureRequests(load: Load, server: Server, request: RequestLoad): Promise<LoadFigures> {
  const before = await server.readCpuMs();
  const result = await load.run(createPlan(server, request));
  return { ...result, cpuMs: ((await server.readCpuMs()) - before) / result.requests };
}

type ServerLoad = { readonly server: Server; readonly request: RequestLoad };

/** What the app is compared with where the ratio is near 1: two processes that do the same show how much is luck. */
type Compared<T> = { readonly app: T; readonly bare: T; readonly otherBare: T };

/** So short that a slow moment of the machine touches all servers. */
const turnSeconds = 0.05;

/** Sends each server its requests in short turns, and reads what they cost it. */
export async function measureInTurns(load: Load, loads: Compared<ServerLoad>): Promise<Compared<LoadFigures>> {
  const app = await openMeter(load, loads.app);
  const bare = await openMeter(load, loads.bare);
  const otherBare = await openMeter(load, loads.otherBare);
  const turns = Math.max(1, Math.round(loads.app.request.seconds / turnSeconds));
  for (let turn = 0; turn < turns; turn += 1) {
    for (const meter of [app, bare, otherBare]) await meter.takeTurn();
  }
  return { app: await app.read(), bare: await bare.read(), otherBare: await otherBare.read() };
}

async function openMeter(load: Load, { server, request }: ServerLoad) {
  const plan = createPlan(server, { ...request, seconds: Math.min(request.seconds, turnSeconds) });
  const results: LoadResult[] = [];
  const before = await server.readCpuMs();
  return {
    takeTurn: async () => void results.push(await load.run(plan)),
    read: async (): Promise<LoadFigures> => {
      const requests = results.reduce((sum, result) => sum + result.requests, 0);
      const seconds = results.reduce((sum, result) => sum + result.requests / result.perSecond, 0);
      const p99Ms = Math.max(...results.map((result) => result.p99Ms));
      return { cpuMs: ((await server.readCpuMs()) - before) / requests, perSecond: requests / seconds, p99Ms };
    },
  };
}

function createPlan(
  { origin }: Server,
  { path, headers, isHeavy = false, status = 200, seconds, perSecond }: RequestLoad,
): LoadPlan {
  const free = isHeavy ? 2 : 16;
  return {
    origin,
    path,
    headers: { ...headers, 'x-functions-key': functionKey },
    status,
    connections: perSecond === undefined ? free : 64,
    seconds,
    atLeast: free,
    ...(perSecond === undefined ? {} : { perSecond }),
  };
}
