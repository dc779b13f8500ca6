import { randomBytes, randomUUID } from 'node:crypto';
import type { CoreContext, CoreModule, Datum, HttpResponseDatum } from './core-module.ts';
import type { IndexedFunction } from './functions-index.ts';
import { describeThrown, type HostLog } from './log.ts';

type Outcome = { readonly succeeded: boolean; readonly http?: HttpResponseDatum | undefined };
export type Invoke = (target: IndexedFunction, data: Datum, traceParent?: string) => Promise<Outcome>;

type Running = { readonly target: IndexedFunction; readonly id: string; hasEnded: boolean };

/** Runs one function as host and worker do, and logs its start and end. Never rejects. */
export function createInvoke(core: CoreModule, log: HostLog): Invoke {
  return async (target, data, traceParent) => {
    const running: Running = { target, id: randomUUID(), hasEnded: false };
    const line = { category: `Function.${target.name}`, functionName: target.name, invocationId: running.id };
    const startedAt = performance.now();
    log({ ...line, level: 'information', message: `Executing 'Functions.${target.name}'` });
    const end = (result: 'Succeeded' | 'Failed') => {
      running.hasEnded = true;
      const details = `${result}, Id=${running.id}, Duration=${Math.round(performance.now() - startedAt)}ms`;
      log({ ...line, level: 'information', message: `Executed 'Functions.${target.name}' (${details})` });
    };
    try {
      const http = await run(core, target, buildCoreContext(running, data, traceParent, createAppLog(log, running)));
      end('Succeeded');
      return { succeeded: true, http };
    } catch (error) {
      log({ ...line, level: 'error', message: describeThrown(error) });
      end('Failed');
      return { succeeded: false };
    }
  };
}

async function run(core: CoreModule, { callback }: IndexedFunction, coreContext: CoreContext) {
  const model = core.model()?.getInvocationModel(coreContext);
  if (model === undefined) throw new Error('no programming model is registered');
  const { context, inputs } = await model.getArguments();
  const result = await model.invokeFunction(context, inputs, callback);
  return (await model.getResponse(context, result)).returnValue?.http;
}

function createAppLog(log: HostLog, running: Running): CoreContext['log'] {
  const { name } = running.target;
  return (level, category, message) => {
    // Microsoft's host drops the lines of an invocation that has ended.
    if (running.hasEnded) return;
    const suffix = category === 'user' ? '.User' : '';
    log({ level, message, category: `Function.${name}${suffix}`, functionName: name, invocationId: running.id });
  };
}

function buildCoreContext(
  { id: invocationId, target: { metadata, bindingName } }: Running,
  data: Datum,
  parent: string | undefined,
  log: CoreContext['log'],
): CoreContext {
  const traceId = /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(parent ?? '')?.[1];
  const traceParent = `00-${traceId ?? randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`;
  return {
    invocationId,
    metadata,
    request: {
      invocationId,
      functionId: metadata.functionId ?? metadata.name,
      inputData: [{ name: bindingName, data }],
      triggerMetadata: {},
      traceContext: { traceParent, attributes: {} },
    },
    log,
  };
}
