import { readFile, readdir } from 'node:fs/promises';
import { bicepFileOf } from '../bicep/bicep-model.ts';
import type { BicepFile } from '../bicep/bicep-model.ts';
import { createBicepParser } from '../bicep/bicep-syntax.ts';
import type { ParseBicep } from '../bicep/bicep-syntax.ts';

export type InfraFiles = {
  readonly bicep: readonly BicepFile[];
  /** Text of every other file below infra/, by its path. */
  readonly texts: Readonly<Record<string, string>>;
};

let parser: Promise<ParseBicep> | undefined;
/** What was read before, by path and text. */
const readFiles = new Map<string, BicepFile>();

/** Reads all of an infra folder; paths are relative to it. */
export async function readInfra(folder: URL): Promise<InfraFiles> {
  parser ??= createBicepParser();
  const parse = await parser;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const root = folder.pathname.replace(/\/$/, '');
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath.replace(/\/$/, '')}/${entry.name}`.slice(root.length + 1))
    .filter((path) => !path.startsWith('connector/'))
    .toSorted();
  const texts = Object.fromEntries(
    await Promise.all(paths.map(async (path) => [path, await readFile(new URL(path, folder), 'utf8')] as const)),
  );
  const bicep = paths
    .filter((path) => path.endsWith('.bicep'))
    .map((path) => readBicep(path, texts[path] ?? '', parse));
  return { bicep, texts };
}

function readBicep(path: string, text: string, parse: ParseBicep): BicepFile {
  const key = `${path}\n${text}`;
  const file = readFiles.get(key) ?? bicepFileOf(path, text, parse(text));
  readFiles.set(key, file);
  return file;
}
