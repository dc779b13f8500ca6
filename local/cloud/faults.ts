import type { Answer, Exchange } from './http.ts';
import { pause } from './http.ts';

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

export type Faults = {
  readonly kinds: Readonly<Record<Service, readonly string[]>>;
  /** Replaces the list. */
  set(list: readonly ActiveFault[]): void;
  list(): readonly ActiveFault[];
  /** The answer of the service's first fault that applies, else the regular one. */
  play<Context extends FaultContext>(
    service: Service,
    table: FaultTable<Context>,
    context: Context,
  ): Answer | Promise<Answer>;
};

/** The regular answer, 15 s late. */
export const slow: Fault = async ({ proceed }) => {
  await pause(slowMs);
  return proceed();
};

/** The faults that are set: none at first. */
export function createFaults(kinds: Readonly<Record<Service, readonly string[]>>): Faults {
  let active: readonly ActiveFault[] = [];

  function countDown(fault: ActiveFault): readonly ActiveFault[] {
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
        active = active.flatMap((one) => (one === fault ? countDown(fault) : [one]));
        return answer;
      }
      return context.proceed();
    },
  };
}
