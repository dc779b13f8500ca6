import { describe, expect, it } from 'vitest';
import { httpFunctions } from '../../functions/http-functions.ts';
import { invoke } from '../support/functions/invocation.ts';
import { principalWithRoles } from '../support/functions/principal.ts';
import { registeredFunctions } from '../support/functions/registered-functions.ts';
import { createUsageFunctions } from '../support/functions/usage-functions.ts';

const list = '/api/customers/usagerecords';
const reading = ['GET', 'HEAD'];

describe('registerFunctions', () => {
  it('registers every function with its route, methods and level, and the timer with its schedule', () => {
    const { app } = createUsageFunctions();
    const { http, timers } = registeredFunctions(app);
    const options = [...http].map(([name, { route, authLevel, methods }]) => [name, { route, authLevel, methods }]);
    expect(Object.fromEntries(options)).toEqual({
      'usage-records': { route: 'customers/usagerecords', authLevel: 'function', methods: reading },
      'customer-usage-records': {
        route: 'customers/usagerecords/{customerId:guid}',
        authLevel: 'function',
        methods: reading,
      },
      'budget-events': { route: 'budget-events', authLevel: 'function', methods: reading },
      'usage-summary': { route: 'usagesummary', authLevel: 'function', methods: reading },
      'usage-history': { route: 'usagehistory', authLevel: 'function', methods: reading },
      refresh: { route: 'refresh', authLevel: 'function', methods: ['POST'] },
      'health-live': { route: 'health/live', authLevel: 'anonymous', methods: reading },
      'health-ready': { route: 'health/ready', authLevel: 'function', methods: reading },
      openapi: { route: 'openapi.json', authLevel: 'function', methods: reading },
      swagger: { route: 'swagger.json', authLevel: 'function', methods: reading },
    });
    expect([...timers]).toEqual([['warm-usage-cache', app.warmUsageCache]]);
  });

  it('leaves the checking of callers to the platform with entra, and their roles to the app', async () => {
    const { app, handlerOf } = createUsageFunctions({ callerAuth: 'entra' });
    const { http } = registeredFunctions(app);
    expect(new Set([...http.values()].map(({ authLevel }) => authLevel))).toEqual(new Set(['anonymous']));
    const headers = { 'x-ms-client-principal': principalWithRoles('Usage.None') };
    const needs = await Promise.all(
      httpFunctions.map(async ({ name }) => {
        const { json } = await invoke(handlerOf(name), '/api/x', { headers });
        return [name, Object(json).detail];
      }),
    );
    expect(Object.fromEntries(needs)).toEqual({
      'usage-records': 'Ask an administrator to grant the app role Usage.Read.',
      'customer-usage-records': 'Ask an administrator to grant the app role Usage.Read.',
      'budget-events': 'Ask an administrator to grant the app role Usage.Read.',
      'usage-summary': 'Ask an administrator to grant the app role Usage.Read.',
      'usage-history': 'Ask an administrator to grant the app role Usage.Read.',
      refresh: 'Ask an administrator to grant the app role Usage.Refresh.',
      'health-live': undefined,
      'health-ready': 'Ask an administrator to grant the app role Usage.Read.',
      openapi: 'Ask an administrator to grant the app role Usage.Read.',
      swagger: 'Ask an administrator to grant the app role Usage.Read.',
    });
  });

  it('does nothing for a caller it refuses, but for a log line without a name', async () => {
    const { rig, list: usageRecords, refreshNow } = createUsageFunctions({ callerAuth: 'entra' });
    const unknown = await invoke(usageRecords, list);
    expect(unknown).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } });
    expect(unknown.events).toContainEqual({
      level: 'warning',
      event: 'caller.refused',
      requestId: unknown.invocationId,
      reason: 'principal-missing',
      role: 'Usage.Read',
    });
    expect(await invoke(refreshNow, '/api/refresh', { method: 'POST' })).toMatchObject({ status: 401 });
    expect(rig.memory.operations).toEqual([]);
    const headers = { 'x-ms-client-principal': principalWithRoles('Usage.Read') };
    expect(await invoke(usageRecords, list, { headers })).toMatchObject({ status: 200 });
  });
});
