import type { Load, LoadPlan } from '../load.ts';
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

/** A load of requests of one kind. */
export function createPlan(
  { origin }: Pick<Server, 'origin'>,
  { path, headers, isHeavy = false, status = 200, seconds, perSecond }: RequestLoad,
): LoadPlan {
  const free = isHeavy ? 2 : 16;
  return {
    origin,
    paths: [path],
    headers: { ...headers, 'x-functions-key': functionKey },
    status,
    connections: perSecond === undefined ? free : 64,
    seconds,
    atLeast: free,
    ...(perSecond === undefined ? {} : { perSecond }),
  };
}
