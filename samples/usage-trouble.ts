import { printable } from './display-text.ts';
import type { Mistake, UsageApiError } from './usage-client.ts';
import { isOnThisMachine } from './usage-options.ts';
import type { UsageOptions } from './usage-options.ts';

/** What went wrong, for a person: one line a mistake. */
export function troubleLinesOf({ failure, message, cause }: UsageApiError, { url, key }: UsageOptions): string[] {
  const { code, status, errors = [], reason, retryAfterMs, requestId } = failure;
  const why = reason === undefined ? '' : ` (${reason})`;
  const wait = retryAfterMs === undefined ? '' : `; try again in ${Math.ceil(retryAfterMs / 1000)} s`;
  if (status === 400 && errors.length > 0) return errors.map(mistakeLineOf);
  if (status === 401) return [key === undefined ? keyMissing : keyRefused];
  switch (code) {
    case 'Unreachable':
      return [isOnThisMachine(url) ? `${message}: start it with npm start` : `${message}${causeCodeOf(cause)}`];
    case 'Misconfigured':
      return [printable(`the service is not configured: ${message}`)];
    case 'CacheEmpty':
      return [`the service has no usage data yet${why}${wait}`];
    case 'SnapshotExpired':
      return [`the service's usage data is too old to be shown${why}${wait}`];
    case 'Http404':
      return [`there is no usage service at ${url}: is the address right?`];
    default: {
      const id = requestId === undefined ? '' : `; request ${requestId}`;
      return [printable(`${message} (${code}${id})${why}${wait}`)];
    }
  }
}

const keyMissing = 'the service wants a key: give one with --key or USAGE_API_KEY';
const keyRefused = 'the key is wrong (401): give another with --key or USAGE_API_KEY';

function mistakeLineOf({ parameter, code, detail, allowed }: Mistake): string {
  // Of an unknown name the service lists every parameter there is; `detail` tells the nearest.
  const choices = allowed === undefined || code === 'UnknownParameter' ? '' : ` (${allowed.join(', ')})`;
  return printable(`--${parameter}: ${detail}${choices}`);
}

/** Such as ` (ENOTFOUND)`: fetch's own message says nothing, its cause does. */
function causeCodeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
}
