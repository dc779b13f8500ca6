import type { CloudClock } from '../control/clock.ts';
import type { Answer, Exchange } from '../http.ts';

type Forward = (exchange: Exchange) => Promise<Answer>;

/**
 * Ends leases by the cloud's clock, because Azurite counts them in real time only. As in Azure, a lease that is over can still be
 * renewed until somebody else takes it.
 */
export function createLeaseClock({ now }: CloudClock, forward: Forward): Forward {
  const leases = new Map<string, { readonly durationMs: number; readonly endsAt: number }>();

  async function endOverdue(exchange: Exchange): Promise<void> {
    const { endsAt = Number.POSITIVE_INFINITY } = leases.get(exchange.url.pathname) ?? {};
    if (endsAt > now()) return;
    leases.delete(exchange.url.pathname);
    const { 'x-ms-proposed-lease-id': _, 'x-ms-lease-duration': __, ...headers } = exchange.headers;
    const breaking = { ...headers, 'x-ms-lease-action': 'break', 'x-ms-lease-break-period': '0' };
    await forward({ ...exchange, headers: breaking });
  }

  return async function forwardInTime(exchange) {
    const { url, headers } = exchange;
    if (url.searchParams.get('comp') !== 'lease') return forward(exchange);
    const action = headers['x-ms-lease-action'];
    if (action === 'acquire') await endOverdue(exchange);
    const askedAt = now();
    const answer = await forward(exchange);
    if (answer.status >= 300) return answer;
    const asked = Number(headers['x-ms-lease-duration']) * 1000;
    const durationMs = action === 'acquire' ? asked : (leases.get(url.pathname)?.durationMs ?? 0);
    if (action === 'acquire' || action === 'renew')
      leases.set(url.pathname, { durationMs, endsAt: askedAt + durationMs });
    else leases.delete(url.pathname);
    return answer;
  };
}
