import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';

export type CloudClockOptions = {
  /** The control endpoint of the local cloud; its `/clock` tells the offset. */
  readonly controlUrl: string;
  /** Told each new offset, in milliseconds, before the cloud is asked again. */
  readonly onOffset: (offsetMs: number) => void;
  readonly signal: AbortSignal;
};

const answerSchema = z.object({ offsetMs: z.number() });
const pollMs = 30_000;
const retryMs = 500;
const firstMs = 10_000;

/**
 * Follows the cloud's clock until the signal aborts, asking again quietly while the cloud is away. Resolves with the first
 * value, to false when there was none in 10 s. Never rejects.
 */
export async function followCloudClock({ controlUrl, onOffset, signal }: CloudClockOptions): Promise<boolean> {
  const first = Promise.withResolvers<true>();
  void follow();
  return await Promise.race([first.promise, wait(firstMs, false, { ref: false })]);

  async function follow(): Promise<void> {
    // No offset is negative, so the first question is answered at once.
    let known = -1;
    while (!signal.aborted) {
      try {
        const response = await fetch(`${controlUrl}/clock?known=${known}`, {
          signal: AbortSignal.any([signal, AbortSignal.timeout(pollMs)]),
        });
        const { offsetMs } = answerSchema.parse(await response.json());
        if (offsetMs !== known) onOffset(offsetMs);
        known = offsetMs;
        first.resolve(true);
      } catch {
        await wait(retryMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}
