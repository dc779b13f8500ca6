import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import type { Plugin } from 'esbuild';
import { z } from 'zod';

const root = import.meta.dirname;

/** Licences that ask for no more than a notice. */
const allowedLicences = ['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'];

const packageSchema = z.object({ name: z.string(), version: z.string(), license: z.string().optional() });

type Package = z.infer<typeof packageSchema> & { readonly texts: readonly string[] };

/** Packages that a cold start does not need at once, each a file of its own that is read when it is first imported. */
const lazyPackages: Readonly<Record<string, string>> = {
  '@azure/identity': 'identity',
  '@azure/keyvault-secrets': 'keyvault-secrets',
  '@azure/storage-blob': 'storage-blob',
  oauth4webapi: 'oauth4webapi',
  undici: 'undici',
};

/** Imports of a lazy package lead to its file beside the bundle. */
const separateLazyPackages: Plugin = {
  name: 'separate-lazy-packages',
  setup(bundle) {
    bundle.onResolve({ filter: /^[^./]/ }, ({ path, importer, kind }) => {
      const file = lazyPackages[path];
      if (file === undefined || kind === 'entry-point' || importer.includes('node_modules')) return undefined;
      return { path: `./${file}.cjs`, external: true };
    });
  },
};

/**
 * Bundles the app into the file that `main` of package.json names, and the files it reads later; the host provides
 * `@azure/functions-core`. Beside them goes THIRD-PARTY-NOTICES.txt. Throws when a package in them has a licence that is not allowed.
 */
export async function buildApp(folder = 'dist'): Promise<void> {
  const outdir = resolve(root, folder);
  await mkdir(outdir, { recursive: true });
  const unfinished = await mkdtemp(join(outdir, 'unfinished-'));
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: {
      index: 'functions/index.ts',
      ...Object.fromEntries(Object.entries(lazyPackages).map(([path, file]) => [file, path])),
    },
    outdir: unfinished,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    // Identifiers stay: keeping names beside short ones runs `Object.defineProperty` for every closure that is made.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    external: ['@azure/functions-core'],
    plugins: [separateLazyPackages],
    // The storage SDK asks for its own address while it loads; CommonJS has none unless it is made.
    define: { 'import.meta.url': 'bundleUrl' },
    banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
    logLevel: 'warning',
    metafile: true,
  });
  const packages = await Promise.all(listPackages(Object.keys(metafile.inputs)).map(readPackage));
  await writeFile(join(unfinished, 'THIRD-PARTY-NOTICES.txt'), writeNotices(packages));
  // A host that starts meanwhile finds an old file or a new one, never half of one.
  for (const file of await readdir(unfinished)) await rename(join(unfinished, file), join(outdir, file));
  await rm(unfinished, { recursive: true });
}

/** The folders of the packages that these files belong to. */
export function listPackages(inputs: readonly string[]): string[] {
  const folders = inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? []);
  return [...new Set(folders)].toSorted();
}

async function readPackage(folder: string): Promise<Package> {
  const path = join(root, folder);
  const about = packageSchema.parse(JSON.parse(await readFile(join(path, 'package.json'), 'utf8')));
  const files = (await readdir(path)).filter((name) => /^(?:licen[cs]e|notice)\b/i.test(name)).toSorted();
  return { ...about, texts: await Promise.all(files.map((name) => readFile(join(path, name), 'utf8'))) };
}

/** The text of THIRD-PARTY-NOTICES.txt. Throws for a licence that is not allowed. */
export function writeNotices(packages: readonly Package[]): string {
  const refused = packages.find(({ license = '' }) => !allowedLicences.includes(license));
  if (refused !== undefined) {
    const { name, version, license } = refused;
    throw new Error(`${name} ${version} has the licence ${license}, which is not on the list of build.ts`);
  }
  const parts = packages.map(({ name, version, license, texts }) => {
    const text =
      texts.length === 0 ? 'The package holds no licence file.' : texts.join('\n').replaceAll('\r', '').trim();
    return `${'-'.repeat(80)}\n${name} ${version} (${license})\n\n${text}\n`;
  });
  return `The bundle holds these packages.\n\n${parts.join('\n')}`;
}

if (import.meta.main) await buildApp();
