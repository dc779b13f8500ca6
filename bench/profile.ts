import { z } from 'zod';

/** The part of V8's CPU profile that is read here. */
export const profileSchema = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({
        functionName: z.string(),
        url: z.string(),
        lineNumber: z.number(),
        columnNumber: z.number(),
      }),
    }),
  ),
  samples: z.array(z.number()).default([]),
  timeDeltas: z.array(z.number()).default([]),
});
export type Profile = z.infer<typeof profileSchema>;

export type Cost = { readonly what: string; readonly selfMs: number; readonly share: number };

/** Waiting, and what the profiler itself costs. */
const isLeftOut = /^\(idle\)|node:inspector/;

/** The functions with the most time of their own, without what they call. */
export function findLargestCosts({ nodes, samples, timeDeltas }: Profile, count: number): Cost[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, describe(callFrame)]));
  const selfMs = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const name = names.get(id) ?? '';
    if (!isLeftOut.test(name)) selfMs.set(name, (selfMs.get(name) ?? 0) + (timeDeltas[index] ?? 0) / 1000);
  }
  const busyMs = [...selfMs.values()].reduce((sum, ms) => sum + ms, 0);
  return [...selfMs]
    .toSorted(([, one], [, other]) => other - one)
    .slice(0, count)
    .map(([what, ms]) => ({ what, selfMs: ms, share: ms / busyMs }));
}

function describe({ functionName, url, lineNumber, columnNumber }: Profile['nodes'][number]['callFrame']): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  if (url === '') return `${name} native`;
  const file = url.replace(/^.*\/(?=node_modules\/|dist\/|local\/|bench\/)/, '');
  return `${name} ${file}:${lineNumber + 1}:${columnNumber + 1}`;
}
