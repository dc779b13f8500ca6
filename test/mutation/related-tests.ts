import { dirname, join } from 'node:path';

/** The test files that load a file: those that mirror its folder, then the others, nearest first. */
export type FindRelatedTests = (file: string) => readonly string[];

/** Imports that remain when the types are gone. */
const importPattern = /(?:^(?:import|export)(?! type\b)[^'";]*?from |^import |\bimport\()'(\.[^']+)'/gm;

/** Follows the imports of `sources`, by file; `tests` are those of them that may run. */
export function createRelatedTests(sources: ReadonlyMap<string, string>, tests: readonly string[]): FindRelatedTests {
  const importers = new Map<string, string[]>();
  for (const [file, source] of sources) {
    for (const [, target = ''] of source.matchAll(importPattern)) {
      const imported = join(dirname(file), target);
      importers.set(imported, [...(importers.get(imported) ?? []), file]);
    }
  }
  return (file) => {
    const found = new Set([file]);
    for (const one of found) for (const importer of importers.get(one) ?? []) found.add(importer);
    const related = [...found].filter((one) => tests.includes(one));
    const mirror = `${dirname(file).replace(/^shared/, 'test')}/`;
    const [mirroring = [], others = []] = [true, false].map((wanted) =>
      related.filter((one) => one.startsWith(mirror) === wanted),
    );
    return [...mirroring, ...others];
  };
}
