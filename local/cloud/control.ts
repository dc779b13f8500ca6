import { z } from 'zod';
import { services } from './faults.ts';
import type { Answer, Exchange, Handler } from './http.ts';
import { jsonAnswer } from './http.ts';
import type { PartnerCenter } from './partner-center.ts';
import { recordChange } from './usage-list.ts';
import type { World } from './world.ts';

const hourMs = 3_600_000;

/** Everything a POST may change. `faults` is the whole list from then on; without `times` a fault stays until cleared. */
const change = z.strictObject({
  customers: z.int().min(0).max(1_000_000).optional(),
  latencyMs: z.number().min(0).optional(),
  advanceHours: z.number().optional(),
  setRecord: recordChange.optional(),
  faults: z
    .array(z.strictObject({ service: z.enum(services), kind: z.string(), times: z.int().min(1).optional() }))
    .optional(),
});

type Change = z.infer<typeof change>;

/** `/_control`: shows what was called, moves the clock, and makes things go wrong. */
export function createControl({ clock, ledger, faults, list }: World, partnerCenter: PartnerCenter): Handler {
  function state(): Answer {
    return jsonAnswer(200, {
      calls: ledger.calls(),
      clock: { offsetMs: clock.offsetMs(), now: new Date(clock.now()).toISOString() },
      customers: list.customers(),
      latencyMs: partnerCenter.latencyMs(),
      faults: faults.list(),
      faultKinds: faults.kinds,
      requests: ledger.requests(),
    });
  }

  function problemOf({ setRecord, faults: wanted = [] }: Change): string | undefined {
    const unknown = wanted.find(({ service, kind }) => !faults.kinds[service].includes(kind));
    if (unknown !== undefined) return `faults: ${unknown.service} has no kind "${unknown.kind}"`;
    return setRecord === undefined || list.has(setRecord)
      ? undefined
      : `setRecord: no row of customer "${setRecord.customerId}"`;
  }

  async function post(body: Buffer): Promise<Answer> {
    const parsed = change.safeParse(jsonOf(body));
    if (!parsed.success) return refused(z.prettifyError(parsed.error));
    const problem = problemOf(parsed.data);
    if (problem !== undefined) return refused(problem);
    const { customers, latencyMs, advanceHours, setRecord, faults: wanted } = parsed.data;
    if (customers !== undefined) list.setCustomers(customers);
    if (latencyMs !== undefined) partnerCenter.setLatencyMs(latencyMs);
    if (setRecord !== undefined) list.change(setRecord);
    if (wanted !== undefined) faults.set(wanted);
    // As Date.now() does, the clock counts whole milliseconds.
    if (advanceHours !== undefined) await clock.advance(Math.round(advanceHours * hourMs));
    return state();
  }

  return async ({ method, url, body, socket }: Exchange) => {
    if (url.pathname === '/_control/clock') {
      return jsonAnswer(200, { offsetMs: await clock.poll(Number(url.searchParams.get('known')), socket) });
    }
    if (url.pathname !== '/_control') return { status: 404 };
    if (method === 'POST') return post(body);
    if (method === 'DELETE') faults.set([]);
    return state();
  };
}

function refused(error: string): Answer {
  return jsonAnswer(400, { error });
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
