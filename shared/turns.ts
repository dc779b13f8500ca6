/** Long work that yields between its pieces. */
export type ChunkedWork<T> = Generator<undefined, T>;

/** Runs the work and gives waiting requests a turn between its pieces. */
export async function runInTurns<T>(work: ChunkedWork<T>, yieldToEventLoop: () => Promise<void>): Promise<T> {
  for (;;) {
    const piece = work.next();
    if (piece.done === true) return piece.value;
    await yieldToEventLoop();
  }
}

/** Runs the work without a pause. */
export function runToCompletion<T>(work: ChunkedWork<T>): T {
  for (;;) {
    const piece = work.next();
    if (piece.done === true) return piece.value;
  }
}
