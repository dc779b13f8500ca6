/**
 * Replaces this process's `Date` by one that can be moved; answers with the function that sets how many milliseconds it
 * is ahead of the real clock. Timers (`setTimeout`) keep to the real clock.
 */
export function installShiftedDate(): (offsetMs: number) => void {
  const RealDate = Date;
  const realNow = Date.now;
  let offset = 0;
  const now = () => realNow() + offset;
  RealDate.now = now;
  // A proxy rather than a subclass: a Date made before, or inside Node, stays an instance.
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args: unknown[], newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new RealDate(now()).toString(),
  });
  return (offsetMs) => {
    offset = offsetMs;
  };
}
