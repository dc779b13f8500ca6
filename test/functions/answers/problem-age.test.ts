import { describe, expect, it } from 'vitest';
import { DependencyError } from '../../../shared/errors.ts';
import { problemSchema } from '../../../shared/contract/schemas.ts';
import { invoke } from '../../support/functions/invocation.ts';
import { createUsageFunctions } from '../../support/functions/usage-functions.ts';
import { createDownload, createRows } from '../../support/lists/usage-rows.ts';

const list = '/api/customers/usagerecords';
const noon = 'Fri, 20 Nov 2026 12:00:00 GMT';
const held = { period: '2026-11', fetchedAt: '2026-11-20T12:00:00.000Z', recordCount: 4, estimate: true };

type Functions = ReturnType<typeof createUsageFunctions>;

/** Functions that have fetched 4 rows at noon. */
async function warmed(): Promise<Functions> {
  const functions = createUsageFunctions();
  await functions.refresh();
  return functions;
}

const post = ({ refreshNow }: Functions) => invoke(refreshNow, '/api/refresh', { method: 'POST' });

function failUpstream({ rig }: Functions): void {
  rig.serve(() => Promise.reject(new DependencyError('UpstreamForbidden', 'no')));
}

const cases = {
  'a 404': async (functions: Functions) =>
    invoke(functions.customer, list, { params: { customerId: '99999999-9999-4999-8999-999999999999' } }),
  'a 429': post,
} as const;

describe('what an error says of the data', () => {
  it.each(Object.entries(cases))('is its age, with %s', async (status, ask) => {
    const functions = await warmed();
    await invoke(functions.list, list);
    const answer = await ask(functions);
    expect(answer).toMatchObject({
      status: Number(status.slice(2)),
      headers: { 'last-modified': noon },
      json: { snapshot: { ...held, state: 'fresh' } },
    });
    expect(problemSchema.safeParse(answer.json).success).toBe(true);
  });

  it('is the age of the newer list, with a 410', async () => {
    const functions = await warmed();
    const { json } = await invoke(functions.list, `${list}?maxpagesize=1`);
    const { pathname, search } = new URL(Object(json).nextLink);
    functions.rig.advanceMinutes(60);
    functions.rig.serve(() => Promise.resolve(createDownload(createRows(5))));
    await functions.refresh();
    expect(await invoke(functions.list, pathname + search)).toMatchObject({
      status: 410,
      headers: { 'last-modified': 'Fri, 20 Nov 2026 13:00:00 GMT' },
      json: { snapshot: { fetchedAt: '2026-11-20T13:00:00.000Z', recordCount: 5 } },
    });
  });

  it('is the age and why there is nothing newer, with a 503 of data that is too old and of a refresh', async () => {
    const functions = await warmed();
    await invoke(functions.list, list);
    failUpstream(functions);
    functions.rig.advanceMinutes(8 * 24 * 60);
    const expected = {
      status: 503,
      headers: { 'last-modified': noon },
      json: { reason: 'UpstreamForbidden', snapshot: { ...held, state: 'expired', reason: 'UpstreamForbidden' } },
    };
    const expired = await invoke(functions.list, list);
    expect(expired).toMatchObject(expected);
    expect(problemSchema.safeParse(expired.json).success).toBe(true);
    expect(await post(functions)).toMatchObject(expected);
    expect(await invoke(functions.ready, '/api/health/ready')).toMatchObject({
      status: 503,
      headers: { 'last-modified': noon },
    });
  });

  it('stands in the answer of a process that has read nothing before it is asked to refresh', async () => {
    const { rig } = await warmed();
    expect(await post(createUsageFunctions({ rig }))).toMatchObject({
      status: 429,
      headers: { 'last-modified': noon },
      json: { snapshot: { ...held, state: 'fresh' } },
    });
  });

  it('is nothing while no data is held, in a mistake, or to a caller who is not let in', async () => {
    const empty = createUsageFunctions();
    failUpstream(empty);
    const entra = createUsageFunctions({ callerAuth: 'entra', rig: (await warmed()).rig });
    const known = await warmed();
    await invoke(known.list, list);
    const answers = [
      await invoke(empty.list, list),
      await invoke(known.list, `${list}?top=0`),
      await invoke(entra.list, list),
    ];
    expect(answers.map(({ status }) => status)).toEqual([503, 400, 401]);
    for (const { json, headers } of answers) {
      expect(json).not.toHaveProperty('snapshot');
      expect(headers).not.toHaveProperty('last-modified');
    }
  });
});
