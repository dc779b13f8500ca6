import { describe, expect, it } from 'vitest';
import { createFunctionsRig } from '../support/functions-rig.ts';
import { principalWithRoles } from '../support/principal.ts';

const list = '/api/customers/usagerecords';

function levelsOf(rig: ReturnType<typeof createFunctionsRig>) {
  return Object.fromEntries([...rig.http].map(([name, { authLevel, methods }]) => [name, [authLevel, methods]]));
}

describe('registerFunctions', () => {
  it('asks for a function key everywhere but at health/live', () => {
    expect(levelsOf(createFunctionsRig())).toEqual({
      'usage-records': ['function', ['GET', 'HEAD']],
      'customer-usage-records': ['function', ['GET', 'HEAD']],
      refresh: ['function', ['POST']],
      'health-live': ['anonymous', ['GET', 'HEAD']],
      'health-ready': ['function', ['GET', 'HEAD']],
    });
  });

  it('leaves the checking to the platform with entra, and the roles to the app', async () => {
    const rig = createFunctionsRig({ callerAuth: 'entra' });
    expect(new Set([...rig.http.values()].map(({ authLevel }) => authLevel))).toEqual(new Set(['anonymous']));
    const needs = await Promise.all(
      [...rig.http.keys()].map(async (name) => {
        const headers = { 'x-ms-client-principal': principalWithRoles('Usage.None') };
        const { json } = await rig.call(name, '/api/x', { headers });
        return [name, Object(json).detail];
      }),
    );
    expect(Object.fromEntries(needs)).toEqual({
      'usage-records': 'The role Usage.Read is needed.',
      'customer-usage-records': 'The role Usage.Read is needed.',
      refresh: 'The role Usage.Refresh is needed.',
      'health-live': undefined,
      'health-ready': 'The role Usage.Read is needed.',
    });
    expect(rig.timers.get('warm-usage-cache')?.schedule).toBe('0 */5 * * * *');
  });

  it('does nothing for a caller it refuses', async () => {
    const rig = createFunctionsRig({ callerAuth: 'entra' });
    const unknown = await rig.call('usage-records', list);
    expect(unknown.status).toBe(401);
    expect(unknown.headers.get('www-authenticate')).toBe('Bearer');
    expect(await rig.call('refresh', '/api/refresh', { method: 'POST' })).toMatchObject({ status: 401 });
    expect(rig.memory.operations).toEqual([]);
    const headers = { 'x-ms-client-principal': principalWithRoles('Usage.Read') };
    expect(await rig.call('usage-records', list, { headers })).toMatchObject({ status: 200 });
  });
});
