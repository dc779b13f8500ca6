import { jsonAnswer } from '../shared/http/answer.ts';
import type { Route } from '../shared/http/handler.ts';

/** `GET /api/health/live`: the process answers. Touches nothing and tells nothing. */
export function createHealthLiveRoute(): Route {
  return async function healthLive() {
    return jsonAnswer(200, { status: 'pass' }, { 'cache-control': 'no-store' });
  };
}
