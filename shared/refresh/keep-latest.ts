import type { OperationContext } from '../context.ts';

/** A load is shared, so it has a deadline of its own. */
const deadlineMs = 60_000;

/** A load that keeps the last value it gave, and reads each blob once however many ask; a read that failed is forgotten. */
export function keepLatest<Source, Value>(
  blobOf: (source: Source) => string,
  read: (source: Source, context: OperationContext) => Promise<Value>,
): (source: Source, context: OperationContext) => Promise<Value> {
  let latest: { readonly blob: string; readonly value: Promise<Value> } | undefined;

  return function load(source, context) {
    const blob = blobOf(source);
    if (latest?.blob === blob) return latest.value;
    const value = read(source, { ...context, signal: AbortSignal.timeout(deadlineMs) });
    const entry = { blob, value };
    latest = entry;
    value.catch(() => {
      if (latest === entry) latest = undefined;
    });
    return value;
  };
}
