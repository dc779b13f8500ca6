import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SwaggerParser from '@apidevtools/swagger-parser';
import { z } from 'zod';

const require = createRequire(import.meta.url);
const findingsSchema = z.array(z.looseObject({ code: z.string(), message: z.string(), source: z.string() }));

/** What swagger-parser and Spectral (its OpenAPI rules and our own) find wrong with each document, by its name. */
export async function findingsOf(
  documents: Readonly<Record<string, unknown>>,
): Promise<Record<string, readonly string[]>> {
  const folder = await mkdtemp(join(tmpdir(), 'descriptions-'));
  try {
    const entries = Object.entries(documents).map(([name, document]) => ({
      name,
      document,
      file: join(folder, `${name}.json`),
    }));
    await Promise.all(entries.map(({ file, document }) => writeFile(file, JSON.stringify(document))));
    const found = await lint(entries.map(({ file }) => file));
    const findings = await Promise.all(
      entries.map(async ({ name, file }) => {
        const linted = found.filter(({ source }) => source === file).map(({ code, message }) => `${code}: ${message}`);
        return [name, [...(await parserFindingsOf(file)), ...linted]] as const;
      }),
    );
    return Object.fromEntries(findings);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function parserFindingsOf(file: string): Promise<string[]> {
  try {
    await SwaggerParser.validate(file);
    return [];
  } catch (error) {
    return [`swagger-parser: ${error instanceof Error ? error.message : 'refused'}`];
  }
}

async function lint(files: readonly string[]) {
  const command = require.resolve('@stoplight/spectral-cli/dist/index.js');
  const ruleset = join(import.meta.dirname, 'connector-rules.yaml');
  const args = [
    command,
    'lint',
    '--quiet',
    '--format=json',
    `--ruleset=${ruleset}`,
    '--display-only-failures',
    ...files,
  ];
  const { promise, resolve: ended, reject } = Promise.withResolvers<string>();
  // It exits with 1 when it finds something, and with 2 when it could not look.
  execFile(process.execPath, args, { maxBuffer: 64_000_000 }, (error, stdout, stderr) => {
    if (error !== null && error.code !== 1) reject(new Error(stderr));
    else ended(stdout);
  });
  return findingsSchema.parse(JSON.parse(await promise));
}
