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

export type HttpResponseDatum = {
  readonly statusCode?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly unknown[];
  readonly body?: { readonly bytes?: Uint8Array } | null;
};
/** What a trigger passes to the worker: JSON, or an HTTP request in the worker's format. */
export type Datum = { readonly json?: string; readonly http?: object };

export type CoreContext = {
  readonly invocationId: string;
  readonly metadata: FunctionMetadata;
  readonly request: object;
  readonly log: (level: LogLevel, category: 'user' | 'system' | 'customMetric', message: string) => void;
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

export type CoreModule = ReturnType<typeof installCoreModule>;

const specifier = '@azure/functions-core';
const version = '4.0.0-local';

/** Makes `require('@azure/functions-core')` return the core API of this process, which offers no hooks. */
export function installCoreModule(log: CoreContext['log']) {
  const functions = new Map<string, RegisteredFunction>();
  let model: ProgrammingModel | undefined;
  let started = false;

  function registerFunction(metadata: FunctionMetadata, callback: FunctionCallback) {
    const id = metadata.functionId ?? metadata.name;
    if (started) throw systemError(`A function can only be registered during app startup: "${metadata.name}".`);
    if (functions.has(id)) throw systemError(`A function with id "${id}" has already been registered.`);
    functions.set(id, { metadata, callback });
    return { dispose: () => functions.delete(id) };
  }

  const api = {
    version,
    hostVersion: version,
    setProgrammingModel: (value: ProgrammingModel) => (model = value),
    getProgrammingModel: () => model,
    registerFunction,
    log,
  };
  // The Node.js worker does the same; a resolve hook would have to pass the object on as source text.
  const requireModule: NodeJS.Module['require'] = Reflect.get(Module.prototype, 'require');
  Module.prototype.require = function requireOrCore(id) {
    return id === specifier ? api : requireModule.call(this, id);
  };
  return {
    functions,
    /** The model of the library, once the app has registered something. */
    model: () => model,
    /** From here on, registering a function is an error. */
    endStartUp: () => (started = true),
  };
}

function systemError(message: string): Error {
  return Object.assign(new Error(message), { isAzureFunctionsSystemError: true });
}
