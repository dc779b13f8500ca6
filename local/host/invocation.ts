import { randomBytes, randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import type {
  CoreContext,
  CoreModule,
  Datum,
  FunctionCallback,
  HttpResponseDatum,
  LogCategory,
} from './core-module.ts';
import type { IndexedFunction } from './functions-index.ts';
import { type HostLog, isLogLevel, type LogLevel, reasonOf } from './log.ts';

type Outcome = { readonly succeeded: boolean; readonly http?: HttpResponseDatum | undefined };
export type Invoke = (target: IndexedFunction, data: Datum, traceParent?: string) => Promise<Outcome>;

type Running = { readonly target: IndexedFunction; readonly id: string; invocationContext: unknown; hasEnded: boolean };

/** Runs one function as host and worker do, hooks included, logging start and end. Never rejects. */
export function createInvoke(core: CoreModule, log: HostLog): Invoke {
  const appLog = createAppLog(core, log);
  return async (target, data, traceParent) => {
    const running: Running = { target, id: randomUUID(), invocationContext: undefined, hasEnded: false };
    const line = { category: `Function.${target.name}`, functionName: target.name, invocationId: running.id };
    const startedAt = performance.now();
    log({ ...line, level: 'information', message: `Executing 'Functions.${target.name}'` });
    const ended = (result: 'Succeeded' | 'Failed') => {
      running.hasEnded = true;
      const details = `${result}, Id=${running.id}, Duration=${Math.round(performance.now() - startedAt)}ms`;
      log({ ...line, level: 'information', message: `Executed 'Functions.${target.name}' (${details})` });
    };
    try {
      const http = await run(core, running, coreContextOf(running, data, traceParent, appLog));
      ended('Succeeded');
      return { succeeded: true, http };
    } catch (error) {
      log({ ...line, level: 'error', message: reasonOf(error) });
      ended('Failed');
      return { succeeded: false };
    }
  };
}

async function run(core: CoreModule, running: Running, coreContext: CoreContext) {
  const model = core.model()?.getInvocationModel(coreContext);
  if (model === undefined) throw new Error('no programming model is registered');
  const { context, inputs } = await model.getArguments();
  running.invocationContext = context;
  const { callback } = running.target;

  // Hooks replace what they like on these very objects, so both are plain and mutable.
  const shared = { hookData: {}, appHookData: core.appHookData, invocationContext: context };
  const before: { inputs: unknown[]; functionCallback: FunctionCallback } = { inputs, functionCallback: callback };
  const preContext = Object.assign(before, shared);
  coreContext.state = 'preInvocationHooks';
  for (const hook of core.hooks.preInvocation) await hook(preContext);

  coreContext.state = 'invocation';
  const after: { result: unknown; error: unknown } = { result: null, error: null };
  try {
    after.result = await model.invokeFunction(context, preContext.inputs, preContext.functionCallback);
  } catch (error) {
    after.error = error;
  }

  const postContext = Object.assign(after, shared, { inputs: preContext.inputs });
  coreContext.state = 'postInvocationHooks';
  for (const hook of core.hooks.postInvocation) await hook(postContext);
  coreContext.state = undefined;
  const { error } = postContext;
  if (error !== null && error !== undefined) throw error instanceof Error ? error : new Error(inspect(error));
  return (await model.getResponse(context, postContext.result)).returnValue?.http;
}

type AppLog = (running: Running, level: LogLevel, category: LogCategory, message: string) => void;

function createAppLog(core: CoreModule, log: HostLog): AppLog {
  return ({ target, id, invocationContext, hasEnded }, level, category, message) => {
    // Microsoft's host knows running invocations only, and drops what comes for another.
    if (hasEnded) return;
    const entry = { hookData: {}, level, message, category, invocationContext };
    for (const hook of core.hooks.log) hook(entry);
    const taken = category === 'user' && isLogLevel(entry.level) ? entry : { level, message };
    const suffix = category === 'user' ? '.User' : '';
    log({ ...taken, category: `Function.${target.name}${suffix}`, functionName: target.name, invocationId: id });
  };
}

function coreContextOf(running: Running, data: Datum, traceParent: string | undefined, appLog: AppLog): CoreContext {
  const { id: invocationId, target } = running;
  const { metadata } = target;
  const traceId = /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(traceParent ?? '')?.[1];
  return {
    invocationId,
    metadata,
    request: {
      invocationId,
      functionId: metadata.functionId ?? metadata.name,
      inputData: [{ name: target.bindingName, data }],
      triggerMetadata: {},
      traceContext: {
        traceParent: `00-${traceId ?? randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`,
        attributes: {},
      },
    },
    state: undefined,
    log: (level, category, message) => appLog(running, level, category, message),
  };
}
