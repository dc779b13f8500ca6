const parentCheckMs = 200;

/**
 * Calls `stop` on SIGINT, SIGTERM or SIGHUP, and when the shell in which npm runs this command has ended: npm sends SIGTERM to
 * that shell alone, and the shell does not pass it on.
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
