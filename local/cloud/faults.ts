import { type Answer, type Exchange, pause } from './http.ts';

const slowMs = 15_000;

/** What a fault gets: the request, and a way to the regular answer. */
export type FaultContext = { readonly exchange: Exchange; readonly proceed: () => Answer | Promise<Answer> };

/** The answer in place of the service's own; `undefined` when the fault does not apply to this request. */
export type Fault<Context = FaultContext> = (context: Context) => Answer | Promise<Answer> | undefined;

export type FaultTable<Context = FaultContext> = Readonly<Record<string, Fault<Context>>>;

export const services = ['partner-center', 'entra', 'key-vault', 'storage'] as const;

export type Service = (typeof services)[number];

/** A fault that is set; without `times` it stays until it is cleared. */
type ActiveFault = { readonly service: Service; readonly kind: string; readonly times?: number | undefined };

/** The regular answer, 15 s late. */
export const slow: Fault = async ({ proceed }) => {
  await pause(slowMs);
  return proceed();
};

/** The faults that are set: none at first. */
export function createFaults() {
  const kinds = new Map<Service, readonly string[]>();
  let active: readonly ActiveFault[] = [];

  function countDown(fault: ActiveFault): readonly ActiveFault[] {
    if (fault.times === undefined) return [fault];
    return fault.times > 1 ? [{ ...fault, times: fault.times - 1 }] : [];
  }

  return {
    /** The kinds of each service that was added. */
    kinds: (): ReadonlyMap<Service, readonly string[]> => kinds,
    /** Replaces the list. */
    set(list: readonly ActiveFault[]): void {
      active = list;
    },
    list: () => active,
    /** Adds a service. What it gets back answers with the first of its faults that is set and applies, else as usual. */
    addService<Context extends FaultContext>(service: Service, table: FaultTable<Context>) {
      kinds.set(service, Object.keys(table));
      return (context: Context): Answer | Promise<Answer> => {
        for (const fault of active.filter((one) => one.service === service)) {
          const answer = table[fault.kind]?.(context);
          if (answer === undefined) continue;
          active = active.flatMap((one) => (one === fault ? countDown(fault) : [one]));
          return answer;
        }
        return context.proceed();
      };
    },
  };
}
