import type { HttpMethod } from '@azure/functions';
import type { OperationName } from '../shared/contract/operations.ts';
import type { Access } from '../shared/http/caller.ts';
import type { RequestHandler } from '../shared/http/handler.ts';
import type { AppParts } from './composition.ts';

/** An HTTP-triggered function: all that the host must know of it, and what answers its requests. */
export type HttpFunction = {
  /** Also the name under which shared/contract describes it. */
  readonly name: OperationName;
  /** Below `/api`. */
  readonly route: string;
  /** Descriptions name the first one. */
  readonly methods: readonly [HttpMethod, ...HttpMethod[]];
  /** Who may call it; there is no default, so that no function is left open by forgetting. */
  readonly access: Access;
  /** When the request's own signal aborts, if not at the usual time. */
  readonly deadlineMs?: number;
  /** Whether it may name bad settings while there are any. */
  readonly namesBadSettings?: boolean;
  createHandler(parts: AppParts): RequestHandler;
};

/** The methods of a function that reads: HEAD is offered wherever GET is. */
export const readMethods: HttpFunction['methods'] = ['GET', 'HEAD'];
