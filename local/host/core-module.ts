import Module from 'node:module';
import type { LogLevel } from './log.ts';

export type Binding = Readonly<Record<string, unknown>>;
type FunctionMetadata = {
  readonly name: string;
  readonly functionId?: string;
  readonly bindings: Readonly<Record<string, Binding>>;
};
export type FunctionCallback = (...args: unknown[]) => unknown;
export type RegisteredFunction = { readonly metadata: FunctionMetadata; readonly callback: FunctionCallback };

export type LogCategory = 'user' | 'system' | 'customMetric';
export type Nullable = Readonly<Record<string, { readonly value: string }>>;
export type HttpRequestDatum = {
  readonly method: string;
  readonly url: string;
  readonly nullableHeaders: Nullable;
  readonly nullableQuery: Nullable;
  readonly nullableParams: Nullable;
  readonly body?: { readonly bytes: Buffer };
};
export type HttpCookie = {
  readonly name: string;
  readonly value: string;
  readonly domain?: { readonly value: string };
  readonly path?: { readonly value: string };
  readonly expires?: { readonly value: { readonly seconds: number } };
  readonly secure?: { readonly value: boolean };
  readonly httpOnly?: { readonly value: boolean };
  readonly sameSite?: 'none' | 'lax' | 'strict' | 'explicitNone';
  readonly maxAge?: { readonly value: number };
};
export type HttpResponseDatum = {
  readonly statusCode?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly HttpCookie[];
  readonly body?: { readonly bytes?: Uint8Array } | null;
};
export type Datum = { readonly json?: string; readonly http?: HttpRequestDatum };

export type CoreContext = {
  readonly invocationId: string;
  readonly metadata: FunctionMetadata;
  readonly request: {
    readonly invocationId: string;
    readonly functionId: string;
    readonly inputData: readonly { readonly name: string; readonly data: Datum }[];
    readonly triggerMetadata: Readonly<Record<string, Datum>>;
    readonly traceContext: { readonly traceParent: string; readonly attributes: Readonly<Record<string, string>> };
  };
  state?: 'preInvocationHooks' | 'invocation' | 'postInvocationHooks' | undefined;
  readonly log: (level: LogLevel, category: LogCategory, message: string) => void;
};
type InvocationModel = {
  getArguments(): Promise<{ readonly context: unknown; readonly inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(
    context: unknown,
    result: unknown,
  ): Promise<{ readonly returnValue?: { readonly http?: HttpResponseDatum } | null }>;
};
type ProgrammingModel = {
  getInvocationModel(context: CoreContext): InvocationModel;
  getCapabilities(capabilities: Record<string, string>): Promise<Record<string, string>>;
};

export type HookName = 'preInvocation' | 'postInvocation' | 'appStart' | 'appTerminate' | 'log';
type HookCallback = (context: object) => unknown;

export type CoreModule = {
  readonly functions: Map<string, RegisteredFunction>;
  readonly hooks: Readonly<Record<HookName, HookCallback[]>>;
  /** Shared by all hooks of the app. */
  readonly appHookData: object;
  /** The model of the library, once the app has registered something. */
  readonly model: () => ProgrammingModel | undefined;
  /** From here on, registering a function is an error. */
  readonly endStartUp: () => void;
};

const specifier = '@azure/functions-core';
const version = '4.0.0-local';

/** Makes `require('@azure/functions-core')` answer with the core API of this process. */
export function installCoreModule(log: CoreContext['log']): CoreModule {
  const functions = new Map<string, RegisteredFunction>();
  const hooks: CoreModule['hooks'] = { preInvocation: [], postInvocation: [], appStart: [], appTerminate: [], log: [] };
  let model: ProgrammingModel | undefined;
  let started = false;

  function registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): Disposable {
    const id = metadata.functionId ?? metadata.name;
    if (started) throw systemError(`A function can only be registered during app startup: "${metadata.name}".`);
    if (functions.has(id)) throw systemError(`A function with id "${id}" has already been registered.`);
    functions.set(id, { metadata, callback });
    return new Disposable(() => functions.delete(id));
  }

  function registerHook(name: string, callback: HookCallback): Disposable {
    if (!isHookName(name, hooks)) throw systemError(`Unrecognized hook "${name}"`, new RangeError());
    hooks[name].push(callback);
    return new Disposable(() => hooks[name].splice(hooks[name].indexOf(callback), 1));
  }

  const api = {
    version,
    hostVersion: version,
    setProgrammingModel: (value: ProgrammingModel) => (model = value),
    getProgrammingModel: () => model,
    registerFunction,
    registerHook,
    log,
    Disposable,
  };
  // The Node.js worker's own way; a resolve hook would have to carry the object over as source text.
  const requireModule: NodeJS.Module['require'] = Reflect.get(Module.prototype, 'require');
  Module.prototype.require = function requireOrCore(id) {
    return id === specifier ? api : requireModule.call(this, id);
  };
  return { functions, hooks, appHookData: {}, model: () => model, endStartUp: () => (started = true) };
}

class Disposable {
  readonly dispose: () => void;

  constructor(dispose: () => void) {
    this.dispose = dispose;
  }
}

function isHookName(name: string, hooks: CoreModule['hooks']): name is HookName {
  return Object.hasOwn(hooks, name);
}

function systemError(message: string, error: Error = new Error()): Error {
  return Object.assign(error, { message, isAzureFunctionsSystemError: true });
}
