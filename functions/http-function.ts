import type { HttpMethod } from '@azure/functions';
import type { Clock, YieldToEventLoop } from '../shared/clock.ts';
import type { OperationName } from '../shared/contract/operations.ts';
import type { DescribedService } from '../shared/contract/service.ts';
import type { Access } from '../shared/http/caller.ts';
import type { RequestHandler } from '../shared/http/handler.ts';
import type { DescribeRepresentation, GetAgeHeaders } from '../shared/http/representation.ts';
import type { Responder } from '../shared/http/responder.ts';
import type { AnswerUsage } from '../shared/http/usage-answer.ts';
import type { DailyFiguresReader } from '../shared/refresh/daily-figures.ts';
import type { LoadEventLog } from '../shared/refresh/load-blobs.ts';
import type { RefreshOnDemand } from '../shared/refresh/on-demand.ts';
import type { SnapshotReader } from '../shared/refresh/snapshot-reader.ts';
import type { FindSource } from '../shared/refresh/snapshot-source.ts';
import type { BudgetLimits } from '../shared/views/budget-status.ts';
import type { HealthLimits } from '../shared/views/health.ts';

/** What the functions share, once per process. */
export type AppParts = {
  readonly snapshots: SnapshotReader;
  readonly findSource: FindSource;
  readonly refreshOnDemand: RefreshOnDemand;
  readonly loadEventLog: LoadEventLog;
  readonly dailyFigures: DailyFiguresReader;
  readonly describe: DescribeRepresentation;
  readonly getAgeHeaders: GetAgeHeaders;
  readonly answerUsage: AnswerUsage;
  readonly responder: Responder;
  readonly clock: Clock;
  readonly yieldToEventLoop: YieldToEventLoop;
  readonly limits: HealthLimits;
  readonly budgetLimits: BudgetLimits;
  /** Scheme, host and path prefix of links; the request's own when it is not set. */
  readonly publicBaseUrl: string | undefined;
  /** What the descriptions are of. */
  readonly service: Omit<DescribedService, 'baseUrl'>;
};

/** An HTTP-triggered function: all that the host must know of it, and what answers its requests. */
export type HttpFunction = {
  /** Also the name under which shared/contract describes it. */
  readonly name: OperationName;
  /** Below `/api`. */
  readonly route: string;
  readonly methods: readonly HttpMethod[];
  /** Who may call it; there is no default, so that no function is left open by forgetting. */
  readonly access: Access;
  /** When the request's own signal aborts, if not at the usual time. */
  readonly deadlineMs?: number;
  /** Whether it may name bad settings while there are any. */
  readonly namesBadSettings?: boolean;
  createHandler(parts: AppParts): RequestHandler;
};

/** The methods of a function that reads: HEAD is offered wherever GET is. */
export const readMethods: readonly HttpMethod[] = ['GET', 'HEAD'];
