import type { OperationContext } from '../context.ts';

/** Reads one header by its lower-case name; `null` when it is absent. */
export type HeaderReader = { get(name: string): string | null };

/** A request as the functions see it: URL as received, route values, headers, and the context of its work. */
export type ApiRequest = {
  /** The invocation's id: `instance` of a problem, `x-ms-request-id` of every answer. */
  readonly requestId: string;
  readonly method: string;
  readonly url: URL;
  readonly params: Readonly<Record<string, string>>;
  readonly headers: HeaderReader;
  readonly context: OperationContext;
};
