import { randomBytes, randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import type { CoreContext, CoreModule, Datum, FunctionCallback, HttpResponseDatum } from './core-module.ts';
import type { IndexedFunction } from './functions-index.ts';
import { describeThrown, type HostLog, isLogLevel } from './log.ts';

type Outcome = { readonly succeeded: boolean; readonly http?: HttpResponseDatum | undefined };
export type Invoke = (target: IndexedFunction, data: Datum, traceParent?: string) => Promise<Outcome>;

type Running = { readonly target: IndexedFunction; readonly id: string; invocationContext: unknown; hasEnded: boolean };

/** Runs one function as host and worker do, hooks included, and logs its start and end. Never rejects. */
export function createInvoke(core: CoreModule, log: HostLog): Invoke {
  return async (target, data, traceParent) => {
    const running: Running = { target, id: randomUUID(), invocationContext: undefined, hasEnded: false };
    const line = { category: `Function.${target.name}`, functionName: target.name, invocationId: running.id };
    const startedAt = performance.now();
    log({ ...line, level: 'information', message: `Executing 'Functions.${target.name}'` });
    const end = (result: 'Succeeded' | 'Failed') => {
      running.hasEnded = true;
      const details = `${result}, Id=${running.id}, Duration=${Math.round(performance.now() - startedAt)}ms`;
      log({ ...line, level: 'information', message: `Executed 'Functions.${target.name}' (${details})` });
    };
    try {
      const appLog = createAppLog(core, log, running);
      const http = await run(core, running, buildCoreContext(running, data, traceParent, appLog));
      end('Succeeded');
      return { succeeded: true, http };
    } catch (error) {
      log({ ...line, level: 'error', message: describeThrown(error) });
      end('Failed');
      return { succeeded: false };
    }
  };
}

async function run(core: CoreModule, running: Running, coreContext: CoreContext) {
  const model = core.model()?.getInvocationModel(coreContext);
  if (model === undefined) throw new Error('no programming model is registered');
  const { context, inputs } = await model.getArguments();
  running.invocationContext = context;

  // Both objects are plain and mutable, because hooks may replace their members.
  const shared = { hookData: {}, appHookData: core.appHookData, invocationContext: context };
  const before: { inputs: unknown[]; functionCallback: FunctionCallback } = {
    inputs,
    functionCallback: running.target.callback,
  };
  Object.assign(before, shared);
  coreContext.state = 'preInvocationHooks';
  for (const hook of core.hooks.preInvocation) await hook(before);

  coreContext.state = 'invocation';
  const after: { result: unknown; error: unknown } = { result: null, error: null };
  try {
    after.result = await model.invokeFunction(context, before.inputs, before.functionCallback);
  } catch (error) {
    after.error = error;
  }

  Object.assign(after, shared, { inputs: before.inputs });
  coreContext.state = 'postInvocationHooks';
  for (const hook of core.hooks.postInvocation) await hook(after);
  coreContext.state = undefined;
  const { error } = after;
  if (error !== null && error !== undefined) throw error instanceof Error ? error : new Error(inspect(error));
  return (await model.getResponse(context, after.result)).returnValue?.http;
}

function createAppLog(core: CoreModule, log: HostLog, running: Running): CoreContext['log'] {
  const { target, id } = running;
  return (level, category, message) => {
    // Microsoft's host drops the lines of an invocation that has ended.
    if (running.hasEnded) return;
    const entry = { hookData: {}, level, message, category, invocationContext: running.invocationContext };
    for (const hook of core.hooks.log) hook(entry);
    const taken = category === 'user' && isLogLevel(entry.level) ? entry : { level, message };
    const suffix = category === 'user' ? '.User' : '';
    log({ ...taken, category: `Function.${target.name}${suffix}`, functionName: target.name, invocationId: id });
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
    state: undefined,
    log,
  };
}
