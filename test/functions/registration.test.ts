import type { HttpFunctionOptions, TimerFunctionOptions } from '@azure/functions';
import { describe, expect, it } from 'vitest';
import { composeMisconfigured } from '../../functions/composition.ts';
import { registerFunctions } from '../../functions/registration.ts';

describe('registerFunctions', () => {
  it('registers every function with its route, methods and level, and the timer with its schedule', () => {
    const http: [string, Omit<HttpFunctionOptions, 'handler'>][] = [];
    const timers: [string, TimerFunctionOptions][] = [];
    const handlers = composeMisconfigured([]);
    const app = {
      http: (name: string, { handler, ...options }: HttpFunctionOptions) => {
        expect(handler).toBeTypeOf('function');
        http.push([name, options]);
      },
      timer: (name: string, options: TimerFunctionOptions) => {
        timers.push([name, options]);
      },
    };
    registerFunctions(app, handlers);
    const methods = ['GET', 'HEAD'];
    expect(http).toEqual([
      ['usage-records', { route: 'customers/usagerecords', authLevel: 'function', methods }],
      ['customer-usage-records', { route: 'customers/usagerecords/{customerId:guid}', authLevel: 'function', methods }],
      ['budget-events', { route: 'budget-events', authLevel: 'function', methods }],
      ['health-live', { route: 'health/live', authLevel: 'anonymous', methods }],
      ['health-ready', { route: 'health/ready', authLevel: 'function', methods }],
    ]);
    expect(timers).toEqual([['warm-usage-cache', handlers.warmUsageCache]]);
  });
});
