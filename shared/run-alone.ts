/** Runs work when all work of earlier calls has ended, well or not. */
export type RunAlone = <T>(work: () => Promise<T>) => Promise<T>;

export function createRunAlone(): RunAlone {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const run = last.then(work);
    last = run.catch(() => undefined);
    return run;
  };
}
