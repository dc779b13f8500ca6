import { z } from 'zod';
import type { CallObserver } from './call-watch.ts';

const pointerSchema = z.looseObject({
  snapshot: z.looseObject({ fetchedAt: z.number(), recordCount: z.number() }).nullable(),
  failure: z
    .looseObject({ code: z.string(), count: z.number(), at: z.number(), refreshTokenVersion: z.string().nullable() })
    .nullable(),
});

/** `current.json` as somebody wrote it, and when. */
export type PointerWrite = z.infer<typeof pointerSchema> & { readonly writtenAt: number };

/** Shows every pointer that storage accepted. */
export function createPointerWrites(onWrite: (write: PointerWrite) => void): CallObserver {
  return {
    answered({ service, exchange, answer, endedAt }) {
      const isPointer = exchange.method === 'PUT' && exchange.url.pathname.endsWith('/usage/current.json');
      if (service !== 'storage' || !isPointer || answer.status !== 201) return;
      onWrite({ ...pointerSchema.parse(JSON.parse(exchange.body.toString())), writtenAt: endedAt });
    },
  };
}
