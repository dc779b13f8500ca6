import { createUrlCache } from '../shared/http/cache.ts';
import type { ApiRequest } from '../shared/http/message.ts';
import { contentTypes, jsonType, requireType } from '../shared/http/negotiation.ts';
import { joinEvents, getLastSequence } from '../shared/budget-events/event-log.ts';
import {
  formatEventQuery,
  createEventParameters,
  listEventsSince,
  parseEventQuery,
} from '../shared/budget-events/query.ts';
import type { EventParameters, EventQuery } from '../shared/budget-events/query.ts';
import { readMethods } from './http-function.ts';
import type { HttpFunction } from './http-function.ts';

/** Nothing refreshes for five minutes after a success, so polling sooner finds nothing. */
const pollSeconds = 300;

/**
 * `GET /api/budget-events`: a polling trigger (docs/guide/budget-events.md). 202 with `Location` when there is nothing new, 200 with the
 * events, oldest first, when there is; the state is in `Location`, so a caller that follows it loses nothing.
 */
export const budgetEvents: HttpFunction = {
  name: 'budget-events',
  route: 'budget-events',
  methods: readMethods,
  access: 'Usage.Read',
  createHandler({ snapshots, loadEventLog, responder, getAgeHeaders, service }) {
    const parameters = createEventParameters(service.thresholds);
    const polls = createUrlCache<Poll>();

    return async function answerBudgetEvents(request) {
      const poll = polls.get(request) ?? polls.set(request, { query: readQuery(request, parameters) });
      const { query } = poll;
      const served = await snapshots.get(request.context);
      const log = await loadEventLog(served.info.eventsBlob, request.context);
      // A first poll starts after the newest event, or after this list if there is no log.
      const since = query.since ?? (getLastSequence(log) || served.info.fetchedAt);
      const { events, seen, isCut } = listEventsSince(log, since, query);
      const next = events.length === 0 ? since : seen;
      if (poll.next?.since !== next) {
        const location = request.linkToRoute(formatEventQuery({ ...query, since: next }, parameters));
        poll.next = { since: next, location };
      }
      const headers = {
        location: poll.next.location,
        'retry-after': String(isCut ? 1 : pollSeconds),
        'cache-control': 'no-store',
        ...getAgeHeaders(served),
      };
      if (events.length === 0) return { status: 202, headers };
      const body = joinEvents(log, events, request.linkToSibling('customers/usagerecords'));
      return responder.send(request, { contentType: contentTypes.json, headers }, { pieces: [body] });
    };
  },
};

/** What a poll asks for, and where the last one of the same URL was told to go on. */
type Poll = { readonly query: EventQuery; next?: { readonly since: number; readonly location: string } };

function readQuery({ url, headers }: ApiRequest, parameters: EventParameters): EventQuery {
  const query = parseEventQuery(url.searchParams, parameters);
  requireType(headers, [jsonType]);
  return query;
}
