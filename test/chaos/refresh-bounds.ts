import type { Call, CallObserver } from './call-watch.ts';
import type { PointerWrite } from './pointer-writes.ts';

const minute = 60_000;
/** docs/architecture.md: each up to a tenth shorter. */
const backOffMinutes = [1, 2, 5, 15, 30];
const quietMinutes = 5;
/** One call and three retries, and one more with a new token. */
const mostCallsAPage = 5;
/** The clocks of two processes of this machine. */
const toleranceMs = 1000;

/**
 * Watches the bounds of the refresh protocol: one refresh at a time, none for five minutes after a success, shared back-off after a
 * failure, none at all after a refused sign-in until the secret has a new version, and a limited number of calls for a page.
 */
export function createRefreshBounds(report: (problem: string) => void): CallObserver & {
  pointerWritten(write: PointerWrite): void;
} {
  const underWay = new Set<Call>();
  const callsByPage = new Map<string, number>();
  let notBefore = { at: 0, why: '' };
  let isLockedOut = false;
  let failures = 0;

  function checkTime({ service, startedAt }: Call): void {
    if (isLockedOut) report(`${service} was asked, although the sign-in was refused and the secret has no new version`);
    const early = notBefore.at - startedAt;
    if (early > toleranceMs) report(`${service} was asked ${Math.round(early / 1000)} s too early: ${notBefore.why}`);
  }

  function checkPage(call: Call): void {
    const { headers, url } = call.exchange;
    const refresh = String(headers['ms-correlationid']);
    for (const other of underWay) {
      // The connections of a killed process are closed.
      if (other.exchange.socket.destroyed) underWay.delete(other);
      else if (other.exchange.headers['ms-correlationid'] !== refresh)
        report('two refreshes ask Partner Center at once');
    }
    underWay.add(call);
    const page = `${refresh} ${url.search} ${String(headers['ms-continuationtoken'])}`;
    const calls = (callsByPage.get(page) ?? 0) + 1;
    callsByPage.set(page, calls);
    if (calls > mostCallsAPage) report(`one refresh asked ${calls} times for one page`);
  }

  return {
    started(call) {
      if (call.service !== 'partner-center' && call.service !== 'entra') return;
      checkTime(call);
      if (call.service === 'partner-center') checkPage(call);
    },
    answered({ service, exchange, answer }) {
      for (const call of underWay) if (call.exchange === exchange) underWay.delete(call);
      if (service === 'key-vault' && exchange.method === 'PUT' && answer.status === 200) isLockedOut = false;
    },
    pointerWritten({ snapshot, failure }) {
      if (failure === null) {
        failures = 0;
        notBefore = { at: (snapshot?.fetchedAt ?? 0) + quietMinutes * minute, why: 'the last success was just before' };
        return;
      }
      failures += 1;
      if (failure.count !== failures) report(`failure ${failures} in a row was counted as ${failure.count}`);
      isLockedOut = failure.refreshTokenVersion !== null;
      const step = backOffMinutes[failures - 1] ?? Math.max(...backOffMinutes);
      notBefore = { at: failure.at + 0.9 * step * minute, why: `back-off after ${failures} failures, ${failure.code}` };
      if (isLockedOut) notBefore = { at: 0, why: '' };
    },
  };
}
