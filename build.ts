import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import type { Metafile, Plugin } from 'esbuild';
import { z } from 'zod';

const root = import.meta.dirname;

/** Licences that ask for no more than a notice. */
const allowedLicences = ['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'];

const packageSchema = z.object({ name: z.string(), version: z.string(), license: z.string().optional() });

type Package = z.infer<typeof packageSchema> & { readonly texts: readonly string[] };

/**
 * Files beside the bundle that are read when one of their packages is first imported, and what the app uses of each package. Packages in
 * one file share what both contain.
 */
const lazyFiles: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'azure-sdk': {
    '@azure/identity': '{ AzureCliCredential, ManagedIdentityCredential }',
    '@azure/storage-blob': '{ BlobServiceClient }',
  },
  'keyvault-secrets': { '@azure/keyvault-secrets': '{ SecretClient }' },
  oauth4webapi: { oauth4webapi: '*' },
  undici: { undici: '*' },
};

const lazyEntries = Object.keys(lazyFiles).map((file) => [file, `lazy:${file}`] as const);
const lazyPackages = Object.entries(lazyFiles).flatMap(([file, packages]) =>
  Object.keys(packages).map((name) => [name, file] as const),
);

/** Builds the lazy files and redirects imports of their packages to them. */
const separateLazyFiles: Plugin = {
  name: 'separate-lazy-files',
  setup(bundle) {
    bundle.onResolve({ filter: /^lazy:/ }, ({ path }) => ({ path, namespace: 'lazy' }));
    bundle.onLoad({ filter: /^/, namespace: 'lazy' }, ({ path }) => ({
      contents: Object.entries(lazyFiles[path.slice('lazy:'.length)] ?? {})
        .map(([name, used]) => `export ${used} from '${name}';`)
        .join('\n'),
      resolveDir: root,
    }));
    const files = new Map(lazyPackages);
    bundle.onResolve({ filter: /^[^./]/ }, ({ path, importer, namespace }) => {
      const file = files.get(path);
      if (file === undefined || namespace === 'lazy' || importer.includes('node_modules')) return undefined;
      return { path: `./${file}.cjs`, external: true };
    });
  },
};

/** SDK modules that the app never uses, with the file that imports each. Each is as large as the part that is used. */
const leftOut = [
  { importer: /storage-blob\/.*blobListArrowParser\.js$/, path: 'apache-arrow', name: 'tableFromIPC' },
  // Kubernetes alone has this sign-in.
  { importer: /\/tokenExchangeMsi\.js$/, path: '../workloadIdentityCredential.js', name: 'WorkloadIdentityCredential' },
];

/** Leaves out code that is never reached. Fails when an SDK no longer has the import that leads to it. */
const dropUnreachable: Plugin = {
  name: 'drop-unreachable',
  setup(bundle) {
    const found = new Set<string>();
    bundle.onResolve({ filter: /^/ }, ({ path, importer }) => {
      const part = leftOut.find((each) => each.path === path && each.importer.test(importer));
      if (part === undefined) return undefined;
      found.add(path);
      return { path: part.name, namespace: 'left-out' };
    });
    bundle.onLoad({ filter: /^/, namespace: 'left-out' }, ({ path }) => ({
      contents: `export function ${path}() { throw new Error('${path} is not in this bundle'); }`,
    }));
    // msal-node does not declare `sideEffects: false`, so esbuild would keep all of its modules.
    bundle.onResolve(
      { filter: /^@azure\/msal-node$|\.mjs$/ },
      async ({ path, importer, kind, resolveDir, pluginData }) => {
        if (pluginData === 'resolved' || !(path === '@azure/msal-node' || importer.includes('@azure/msal-node/')))
          return undefined;
        return {
          ...(await bundle.resolve(path, { importer, kind, resolveDir, pluginData: 'resolved' })),
          sideEffects: false,
        };
      },
    );
    bundle.onEnd(() => {
      const missed = leftOut.filter(({ path }) => !found.has(path)).map(({ path }) => path);
      if (missed.length > 0)
        throw new Error(`build.ts leaves out ${missed.join(' and ')}, which no SDK imports any more`);
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
      ...Object.fromEntries(lazyEntries),
    },
    outdir: unfinished,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    // Identifiers are not minified: with `keepNames`, esbuild would call `Object.defineProperty` for every closure.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    external: ['@azure/functions-core'],
    plugins: [separateLazyFiles, dropUnreachable],
    // The storage SDK reads `import.meta.url` while it loads, which CommonJS does not have.
    define: { 'import.meta.url': 'bundleUrl' },
    banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
    logLevel: 'warning',
    metafile: true,
  });
  const packages = await Promise.all(listPackages(listBundledFiles(metafile)).map(readPackage));
  await writeFile(join(unfinished, 'THIRD-PARTY-NOTICES.txt'), writeNotices(packages));
  // A host that starts meanwhile finds an old file or a new one, never half of one.
  for (const file of await readdir(unfinished)) await rename(join(unfinished, file), join(outdir, file));
  await rm(unfinished, { recursive: true });
}

/** The source files of which anything is in the bundle. */
function listBundledFiles({ outputs }: Metafile): string[] {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  return inputs.flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : []));
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
