import type { Answer, Exchange } from './http.ts';
import { pause } from './http.ts';

const slowMs = 15_000;

/** What every fault may look at: the request, and what would have been answered. */
export type FaultContext = { readonly exchange: Exchange; readonly proceed: () => Answer | Promise<Answer> };

/** Answers in the service's place; `undefined` when this request is not its business. */
export type Fault<Context = FaultContext> = (context: Context) => Answer | Promise<Answer> | undefined;

export type FaultTable<Context = FaultContext> = Readonly<Record<string, Fault<Context>>>;

export const services = ['partner-center', 'entra', 'key-vault', 'storage'] as const;

export type Service = (typeof services)[number];

/** A fault that is switched on; without `times` until it is cleared. */
type ActiveFault = { readonly service: Service; readonly kind: string; readonly times?: number | undefined };

export type Faults = {
  readonly kinds: Readonly<Record<Service, readonly string[]>>;
  /** The list from now on. */
  set(list: readonly ActiveFault[]): void;
  list(): readonly ActiveFault[];
  /** The answer of the first fault of that service that takes the request, else what would have been answered. */
  play<Context extends FaultContext>(
    service: Service,
    table: FaultTable<Context>,
    context: Context,
  ): Answer | Promise<Answer>;
};

/** The real answer, 15 s late. */
export const slow: Fault = async ({ proceed }) => {
  await pause(slowMs);
  return proceed();
};

/** Nothing is switched on at first. */
export function createFaults(kinds: Readonly<Record<Service, readonly string[]>>): Faults {
  let active: readonly ActiveFault[] = [];

  function used(fault: ActiveFault): readonly ActiveFault[] {
    if (fault.times === undefined) return [fault];
    return fault.times > 1 ? [{ ...fault, times: fault.times - 1 }] : [];
  }

  return {
    kinds,
    set(list) {
      active = list;
    },
    list: () => active,
    play(service, table, context) {
      for (const fault of active.filter((one) => one.service === service)) {
        const answer = table[fault.kind]?.(context);
        if (answer === undefined) continue;
        active = active.flatMap((one) => (one === fault ? used(fault) : [one]));
        return answer;
      }
      return context.proceed();
    },
  };
}
