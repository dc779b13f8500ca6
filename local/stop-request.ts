const parentCheckMs = 200;

/**
 * Calls `stop` on a signal that asks for the end, and when the shell in which npm runs this command is gone: npm gives
 * its SIGTERM to that shell alone, which ends without passing it on.
 */
export function onStopRequest(stop: (signal: NodeJS.Signals) => void): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const shell = process.ppid;
  const check = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(check);
    stop('SIGTERM');
  }, parentCheckMs);
  check.unref();
}
