/** Long work in pieces: it yields where others may have their turn. */
export type WorkInTurns<T> = Generator<undefined, T>;

/** Does the work, and lets others have their turn between its pieces. */
export async function runInTurns<T>(work: WorkInTurns<T>, yieldToOthers: () => Promise<void>): Promise<T> {
  for (;;) {
    const piece = work.next();
    if (piece.done === true) return piece.value;
    await yieldToOthers();
  }
}

/** Does the work without a pause. */
export function runAtOnce<T>(work: WorkInTurns<T>): T {
  for (;;) {
    const piece = work.next();
    if (piece.done === true) return piece.value;
  }
}
