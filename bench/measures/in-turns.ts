import type { Load } from '../load.ts';
import type { MeasuredProcess } from '../measured-process.ts';
import { summarize } from '../statistics.ts';
import { createPlan } from './plan.ts';
import type { LoadFigures, RequestLoad } from './plan.ts';

/** The app and a bare handler; the same bare handler once more shows how much of a difference is luck. */
type Compared<T> = { readonly app: T; readonly bare: T; readonly bareAgain: T };

/** Each comes as often behind each of the others: a request pays for what the one before it left in the caches. */
const order = ['app', 'bare', 'bareAgain', 'app', 'bareAgain', 'bare'] as const;

/**
 * Sends one process requests for the app and for the bare handler in turn, one at a time, and reads what each cost. Two processes that
 * run the same code differ by more than what is looked for, and so do two times of the same process that are a second apart.
 */
export async function measureInTurns(
  load: Load,
  server: MeasuredProcess,
  { app, bare }: Readonly<Record<'app' | 'bare', RequestLoad>>,
): Promise<Compared<LoadFigures>> {
  const paths = order.map((name) => (name === 'app' ? app.path : bare.path));
  await server.countRequests();
  const { perSecond, p99Ms } = await load.run({
    ...createPlan(server, app),
    paths,
    connections: 1,
    atLeast: order.length,
  });
  const cpuMs = await server.readCpuOfRequests();
  const read = (name: (typeof order)[number]): LoadFigures => {
    const own = cpuMs.filter((_, at) => order[at % order.length] === name);
    return { cpuMs: summarize(own).median, perSecond, p99Ms };
  };
  return { app: read('app'), bare: read('bare'), bareAgain: read('bareAgain') };
}
