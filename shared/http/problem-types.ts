/** Every `code` a problem body may carry: its status, its title, and what the caller can do, which is the `detail` where nothing more is known. */
export const problemTypes = {
  InvalidRequest: [
    400,
    'The request has several mistakes',
    'Correct each of them: `errors` lists them, each with its own code.',
  ],
  InvalidParameter: [400, 'A parameter has a value that is not allowed', 'Use a value of the parameter table.'],
  UnknownParameter: [
    400,
    'There is no such parameter',
    'Use the nearest one, which `detail` names. Names are case-sensitive.',
  ],
  DuplicateParameter: [400, 'A parameter is given more than once', 'Give it once; lists take commas.'],
  InvalidRange: [400, 'A lower limit lies above its upper limit', 'Swap the two limits.'],
  InvalidOrderBy: [400, 'The order is not one of those on offer', 'Use fields that `errors[].allowed` lists.'],
  InvalidSelect: [
    400,
    'The fields are not those of a flat row',
    'Use fields that `errors[].allowed` lists; full records come whole.',
  ],
  CurrencyRequired: [
    400,
    'Amounts can be compared within one currency only',
    'Add `currencyCode` with exactly one ISO 4217 code.',
  ],
  InvalidCursor: [
    400,
    'The cursor does not belong to this request',
    'Follow `nextLink` as it is, or start again without `cursor`.',
  ],
  UnsupportedApiVersionValue: [
    400,
    'There is no such API version',
    'Use a version that `errors[].allowed` lists, or none.',
  ],
  Unauthenticated: [
    401,
    'The caller is not known',
    'Send an Entra token for this service in the header `Authorization`.',
  ],
  Forbidden: [403, 'The caller lacks a role', 'Ask an administrator to grant the app role that `detail` names.'],
  CustomerNotFound: [
    404,
    'No usage record belongs to this customer',
    'Check the id. The list has no row of this customer: no Azure plan or subscription, or not a customer.',
  ],
  NotAcceptable: [
    406,
    'No acceptable representation',
    'Send no `Accept` header, or one that takes a type that `detail` names.',
  ],
  TooLargeUncompressed: [
    406,
    'The answer is too large to be sent uncompressed',
    'Send `Accept-Encoding: gzip`, or ask for less: `maxpagesize`, `top` or filters.',
  ],
  CursorExpired: [
    410,
    'The snapshot this page belonged to is gone',
    'The list changed between two pages: start again without `cursor`.',
  ],
  RefreshTooSoon: [
    429,
    'The usage data was refreshed less than five minutes ago',
    'Read the data, which is less than five minutes old, or wait for as long as `Retry-After` says.',
  ],
  InternalError: [500, 'The service failed', 'Report `instance` to the operator: it is a defect of the service.'],
  CacheEmpty: [
    503,
    'There is no usage data yet',
    'Wait for as long as `Retry-After` says. If it stays, the operator has to end what `reason` names.',
  ],
  SnapshotExpired: [
    503,
    'The last good usage data is too old to serve',
    'Tell the operator, who has to end what `reason` names. Until then wait for as long as `Retry-After` says.',
  ],
  StorageUnavailable: [
    503,
    'The stored usage data is out of reach',
    'Wait for as long as `Retry-After` says. If it stays, tell the operator.',
  ],
  RefreshFailed: [
    503,
    'The usage data could not be refreshed',
    'Read the last good data. Try again when `Retry-After` says; without it the operator has to end what `reason` names.',
  ],
  Misconfigured: [
    503,
    'The service is not configured',
    'The operator has to correct the settings that `GET /api/health/ready` lists.',
  ],
} as const satisfies Record<string, readonly [status: number, title: string, remedy: string]>;

export type ProblemCode = keyof typeof problemTypes;
