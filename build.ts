import { rename } from 'node:fs/promises';
import { resolve } from 'node:path';
import { build } from 'esbuild';

const root = import.meta.dirname;

/** Bundles the app into the one file that `main` of package.json names; the host provides `@azure/functions-core`. */
export async function buildApp(outfile = 'dist/index.cjs'): Promise<void> {
  const finished = resolve(root, outfile);
  const unfinished = `${finished}.${process.pid}`;
  await build({
    absWorkingDir: root,
    entryPoints: ['functions/index.ts'],
    outfile: unfinished,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    // Identifiers stay: keeping names beside short ones runs `Object.defineProperty` for every closure that is made.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    external: ['@azure/functions-core'],
    // The storage SDK asks for its own address while it loads; CommonJS has none unless it is made.
    define: { 'import.meta.url': 'bundleUrl' },
    banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
    logLevel: 'warning',
  });
  // A host that starts meanwhile finds the old bundle or the new one, never half of one.
  await rename(unfinished, finished);
}

if (import.meta.main) await buildApp();
