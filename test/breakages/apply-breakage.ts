import { globSync } from 'node:fs';
import type { Breakage } from './breakages.ts';

export type Change = { readonly file: string; readonly before: string; readonly after: string };

/** The product's code below `folder`. */
export function listProductFiles(folder: string): readonly string[] {
  return globSync('{functions,shared}/**/*.ts', { cwd: folder });
}

/** The changed files. Throws when a text does not occur exactly once in `sources`, so a breakage cannot rot unnoticed. */
export function applyBreakage({ what, edits }: Breakage, sources: ReadonlyMap<string, string>): readonly Change[] {
  const after = new Map<string, string>();
  for (const [needle, replacement] of edits) {
    const places = [...sources].flatMap(([file, text]) =>
      text
        .split(needle)
        .slice(1)
        .map(() => file),
    );
    const [file, ...others] = places;
    if (file === undefined || others.length > 0) {
      throw new Error(`"${what}" wants to change a text that occurs ${places.length} times: ${needle}`);
    }
    const text = after.get(file) ?? sources.get(file) ?? '';
    after.set(
      file,
      text.replace(needle, () => replacement),
    );
  }
  return [...after].map(([file, text]) => ({ file, before: sources.get(file) ?? '', after: text }));
}
