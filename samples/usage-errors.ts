import { toPrintable } from './display-text.ts';
import type { Mistake, UsageApiError } from './usage-client.ts';
import { isOnThisMachine } from './usage-options.ts';
import type { UsageOptions } from './usage-options.ts';

/** The lines that explain an error to the user, one per problem. */
export function describeUsageError({ failure, message, cause }: UsageApiError, { url, key }: UsageOptions): string[] {
  const { code, status, errors = [], reason, retryAfterMs, requestId } = failure;
  const why = reason === undefined ? '' : ` (${reason})`;
  const wait = retryAfterMs === undefined ? '' : `; try again in ${Math.ceil(retryAfterMs / 1000)} s`;
  if (status === 400 && errors.length > 0) return errors.map(describeMistake);
  if (status === 401) return [key === undefined ? keyMissing : keyRefused];
  switch (code) {
    case 'Unreachable':
      return [isOnThisMachine(url) ? `${message}: start it with npm start` : `${message}${describeCause(cause)}`];
    case 'Misconfigured':
      return [toPrintable(`the service is not configured: ${message}`)];
    case 'CacheEmpty':
      return [`the service has no usage data yet${why}${wait}`];
    case 'SnapshotExpired':
      return [`the usage data of the service is too old${why}${wait}`];
    case 'Http404':
      return [`there is no usage service at ${url}: check the URL`];
    default: {
      const id = requestId === undefined ? '' : `; request ${requestId}`;
      return [toPrintable(`${message} (${code}${id})${why}${wait}`)];
    }
  }
}

const keyMissing = 'the service needs a key: set --key or USAGE_API_KEY';
const keyRefused = 'the key is wrong (401): set another with --key or USAGE_API_KEY';

function describeMistake({ parameter, code, detail, allowed }: Mistake): string {
  // For an unknown name the service lists every parameter; `detail` has the nearest one.
  const choices = allowed === undefined || code === 'UnknownParameter' ? '' : ` (${allowed.join(', ')})`;
  return toPrintable(`--${parameter}: ${detail}${choices}`);
}

/** For example ` (ENOTFOUND)`: the message of fetch says nothing, its cause does. */
function describeCause(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
}
