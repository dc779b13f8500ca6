import { fork } from 'node:child_process';
import { z } from 'zod';
import { receive } from './child-message.ts';

export const planSchema = z.object({
  origin: z.string(),
  /** Asked for in turn. `{n}` becomes five digits and `{time}` an instant of 2001, other ones for each request. */
  paths: z.array(z.string()).min(1),
  headers: z.record(z.string(), z.string()),
  /** What every answer must have. */
  status: z.number(),
  connections: z.number(),
  seconds: z.number(),
  /** Requests to send even when the time is over. */
  atLeast: z.number(),
  /** Requests to send a second; absent: each connection sends the next as soon as the last is answered. */
  perSecond: z.number().optional(),
});
export type LoadPlan = z.infer<typeof planSchema>;

const resultSchema = z.object({
  requests: z.number(),
  perSecond: z.number(),
  p99Ms: z.number(),
  longestMs: z.number(),
});
export type LoadResult = z.infer<typeof resultSchema>;

export type Load = {
  readonly run: (plan: LoadPlan) => Promise<LoadResult>;
  /** Ends the running plan early. */
  readonly end: () => void;
  readonly stop: () => void;
};

const replySchema = z.union([z.object({ result: resultSchema }), z.object({ error: z.string() })]);

/** Starts the process that sends requests; it runs one plan at a time. */
export function startLoad(): Load {
  const child = fork(new URL('load-process.ts', import.meta.url));
  return {
    run: async (plan) => {
      const reply = receive(child, replySchema);
      child.send(plan);
      const received = await reply;
      if ('error' in received) throw new Error(received.error);
      return received.result;
    },
    end: () => void child.send('end'),
    stop: () => child.disconnect(),
  };
}
