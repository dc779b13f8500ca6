import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import type { Plugin } from 'esbuild';

const root = import.meta.dirname;

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
 * `@azure/functions-core`.
 */
export async function buildApp(folder = 'dist'): Promise<void> {
  const outdir = resolve(root, folder);
  await mkdir(outdir, { recursive: true });
  const unfinished = await mkdtemp(join(outdir, 'unfinished-'));
  await build({
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
  });
  // A host that starts meanwhile finds an old file or a new one, never half of one.
  for (const file of await readdir(unfinished)) await rename(join(unfinished, file), join(outdir, file));
  await rm(unfinished, { recursive: true });
}

if (import.meta.main) await buildApp();
