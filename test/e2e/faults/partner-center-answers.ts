/** Faults that are over before the refresh gives up: how many calls it takes, and how many of them are retries. */
export const passingFaults = [
  { kind: '401', times: 1, calls: 2, retries: 0 },
  { kind: '429', times: 2, calls: 3, retries: 2 },
  { kind: '429-date', times: 1, calls: 2, retries: 1 },
  { kind: '503', times: 3, calls: 4, retries: 3 },
  { kind: 'reset', times: 1, calls: 2, retries: 1 },
];

/** Another form of the same list. */
export const oddAnswers = [
  { kind: 'bom', calls: 1 },
  { kind: 'wrong-content-type', calls: 1 },
  { kind: 'uncompressed', calls: 1 },
  { kind: 'next-link', calls: 3 },
  { kind: 'count-mismatch', calls: 1 },
];

/** Another list, odd but right: how many rows hold which text. */
export const listChanges = [
  { kind: 'unknown-members', holds: '"resellerMpnId":12345678901234567890', times: 60 },
  { kind: 'unknown-members', holds: '"credits":[{"kind":"earned","amount":1.10}]', times: 60 },
  { kind: 'null-budget', holds: '"budget":null', times: 30 },
  { kind: 'null-budget', holds: '"budget":{"amount":null}', times: 30 },
  { kind: 'huge-numbers', holds: '"totalCost":123456789012345678901234567890.12345678901234567890', times: 30 },
  { kind: 'huge-numbers', holds: '"usdTotalCost":9.99E+307', times: 30 },
  { kind: 'huge-numbers', holds: '"totalCost":1e400', times: 30 },
  { kind: 'negative-cost', holds: '"totalCost":-12.34000000000000001', times: 60 },
  { kind: 'duplicate-ids', holds: '"resourceId":"11111111-1843-4b3b-872f-206e08a08e51"', times: 2 },
];
