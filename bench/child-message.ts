import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { z } from 'zod';

/** The next message of a child; throws when it is not as the schema says or the child ends first. */
export async function receive<T>(child: ChildProcess, schema: z.ZodType<T>): Promise<T> {
  const over = new AbortController();
  const ended = once(child, 'exit', { signal: over.signal }).then(() => {
    throw new Error(`${child.spawnargs.at(1)} ended without an answer`);
  });
  ended.catch(() => undefined);
  try {
    const [message]: unknown[] = await Promise.race([once(child, 'message', { signal: over.signal }), ended]);
    return schema.parse(message);
  } finally {
    over.abort();
  }
}
