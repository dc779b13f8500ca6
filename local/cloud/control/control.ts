import { z } from 'zod';
import { parseJson } from '../../parse-json.ts';
import { services } from '../faults.ts';
import { type Answer, type Handler, jsonAnswer } from '../http.ts';
import type { CloudState } from './state.ts';
import { recordChange } from '../partner-center/usage-list.ts';

const hourMs = 3_600_000;

/** Everything a POST may change. `faults` replaces the whole list; a fault without `times` stays until it is cleared. */
const change = z.strictObject({
  customers: z.int().min(0).max(1_000_000).optional(),
  latencyMs: z.number().min(0).optional(),
  advanceHours: z.number().optional(),
  setRecord: recordChange.optional(),
  faults: z
    .array(z.strictObject({ service: z.enum(services), kind: z.string(), times: z.int().min(1).optional() }))
    .optional(),
});

/** Answers `/_control`: shows the requests received, moves the clock, and sets faults. */
export function createControl(state: CloudState): Handler {
  const { clock, requestLog, faults, list } = state;

  function describe(): Answer {
    return jsonAnswer(200, {
      calls: requestLog.calls(),
      clock: { offsetMs: clock.offsetMs(), now: new Date(clock.now()).toISOString() },
      customers: list.customers(),
      latencyMs: state.latencyMs,
      faults: faults.list(),
      faultKinds: Object.fromEntries(faults.kinds()),
      requests: requestLog.requests(),
    });
  }

  function findProblem({ setRecord, faults: wanted = [] }: z.infer<typeof change>): string | undefined {
    const unknown = wanted.find(({ service, kind }) => faults.kinds().get(service)?.includes(kind) !== true);
    if (unknown !== undefined) return `faults: ${unknown.service} has no kind "${unknown.kind}"`;
    if (setRecord === undefined || list.has(setRecord)) return undefined;
    return `setRecord: no row of customer "${setRecord.customerId}"`;
  }

  async function post(body: Buffer): Promise<Answer> {
    const parsed = change.safeParse(parseJson(body.toString()));
    const problem = parsed.success ? findProblem(parsed.data) : z.prettifyError(parsed.error);
    if (!parsed.success || problem !== undefined) return jsonAnswer(400, { error: problem });
    const { customers, latencyMs, advanceHours, setRecord, faults: wanted } = parsed.data;
    if (customers !== undefined) list.setCustomers(customers);
    if (latencyMs !== undefined) state.latencyMs = latencyMs;
    if (setRecord !== undefined) list.change(setRecord);
    if (wanted !== undefined) faults.set(wanted);
    // Date.now() counts whole milliseconds, and so does the clock.
    if (advanceHours !== undefined) await clock.advance(Math.round(advanceHours * hourMs));
    return describe();
  }

  return async ({ method, url, body, socket }) => {
    if (url.pathname === '/_control/clock') {
      return jsonAnswer(200, { offsetMs: await clock.poll(Number(url.searchParams.get('known')), socket) });
    }
    if (url.pathname !== '/_control') return { status: 404 };
    if (method === 'POST') return post(body);
    if (method === 'DELETE') faults.set([]);
    return describe();
  };
}
