/** Every `code` a problem body may carry: its status, its title, and what the caller can do, which is the `detail` where nothing more is known. */
export const problemTexts = {
  InvalidRequest: [
    400,
    'The request has several problems',
    'Correct every problem that `errors` lists. Each has its own code.',
  ],
  InvalidParameter: [400, 'A parameter has an invalid value', 'Use a value that the parameter allows.'],
  UnknownParameter: [
    400,
    'Unknown parameter',
    'Check the spelling. Names are case-sensitive, and `detail` suggests the nearest one.',
  ],
  DuplicateParameter: [
    400,
    'A parameter is given more than once',
    'Send it once. Separate several values with commas.',
  ],
  InvalidRange: [
    400,
    'The limits do not fit',
    'See `detail`: the lower limit must not exceed the upper one, and a range of days has a maximum length.',
  ],
  InvalidOrderBy: [400, 'The order is not supported', 'Use the fields that `errors[].allowed` lists.'],
  InvalidSelect: [
    400,
    'The fields are not fields of a flat row',
    'Use the fields that `errors[].allowed` lists. Full records cannot be cut.',
  ],
  CurrencyRequired: [
    400,
    'Amounts can only be compared in one currency',
    'Add `currencyCode` with exactly one ISO 4217 code.',
  ],
  InvalidCursor: [
    400,
    'The cursor does not belong to this request',
    'Follow `nextLink` unchanged, or start again without `cursor`.',
  ],
  TooManyCustomers: [
    400,
    'Too many customers in one request',
    'Name at most 50 customers by `customerId`, or add filters.',
  ],
  UnsupportedApiVersionValue: [
    400,
    'Unsupported API version',
    'Use a version that `errors[].allowed` lists, or leave it out.',
  ],
  Unauthenticated: [
    401,
    'The caller is not authenticated',
    'Send an Entra token for this service in the header `Authorization`.',
  ],
  Forbidden: [
    403,
    'The caller does not have the required role',
    'Ask an administrator to grant the app role that `detail` names.',
  ],
  CustomerNotFound: [
    404,
    'This customer has no usage record',
    'Check the id. A customer without an Azure plan or subscription has no record.',
  ],
  DayNotKept: [
    404,
    'No list of this day is kept',
    'Ask for one of the days that `nearest` names. With a `reason`, the list is lost or damaged: tell the operator.',
  ],
  PeriodNotKept: [
    404,
    'No list of this month is kept',
    'Ask for one of the months that `nearest` names. With a `reason`, the list is lost or damaged: tell the operator.',
  ],
  NotAcceptable: [
    406,
    'No acceptable media type',
    'Send no `Accept` header, or one that includes a type that `detail` names.',
  ],
  TooLargeUncompressed: [
    406,
    'The answer is too large to send uncompressed',
    'Send `Accept-Encoding: gzip`, or ask for less: `maxpagesize`, `top` or filters.',
  ],
  CursorExpired: [
    410,
    'The snapshot of this cursor is gone',
    'The data changed between two pages. Start again without `cursor`.',
  ],
  RefreshTooSoon: [
    429,
    'The usage data was refreshed less than five minutes ago',
    'Read the data, or wait as long as `Retry-After` says.',
  ],
  InternalError: [500, 'The service failed', 'This is a defect of the service. Report `instance` to the operator.'],
  CacheEmpty: [
    503,
    'There is no usage data yet',
    'Wait as long as `Retry-After` says. If it does not pass, ask the operator to fix what `reason` names.',
  ],
  SnapshotExpired: [
    503,
    'The last good usage data is too old to serve',
    'Ask the operator to fix what `reason` names. Until then, wait as long as `Retry-After` says.',
  ],
  StorageUnavailable: [
    503,
    'The stored usage data is unavailable',
    'Wait as long as `Retry-After` says. If it does not pass, tell the operator.',
  ],
  RefreshFailed: [
    503,
    'The usage data could not be refreshed',
    'Read the last good data. Try again when `Retry-After` says. Without it, ask the operator to fix what `reason` names.',
  ],
  Misconfigured: [
    503,
    'The service is misconfigured',
    'Ask the operator to correct the settings that `GET /api/health/ready` lists.',
  ],
} as const satisfies Record<string, readonly [status: number, title: string, remedy: string]>;

export type ProblemCode = keyof typeof problemTexts;
