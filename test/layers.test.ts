import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const run = promisify(execFile);
const configSchema = z.looseObject({ options: z.looseObject({}) });
const reportSchema = z.looseObject({ diagnostics: z.array(z.looseObject({ filename: z.string(), code: z.string() })) });

/** Imports that break a rule of direction, by the file they would stand in. */
const breaches = {
  'functions/a.ts': '@azure/storage-blob',
  'functions/b.ts': 'undici',
  'functions/c.ts': '@azure/functions',
  'functions/d.ts': '../local/start.ts',
  'functions/contract.ts': '../shared/contract/openapi.ts',
  'functions/index.ts': '../test/support/call.ts',
  'shared/e.ts': '../functions/index.ts',
  'shared/snapshot/f.ts': 'node:fs/promises',
  'shared/snapshot/g.ts': '@azure/storage-blob',
  'shared/snapshot/h.ts': '../clock.ts',
  'shared/snapshot/i.ts': '../storage/snapshot-store.ts',
  'shared/snapshot/j.ts': '../../functions/index.ts',
  'shared/views/contract.ts': '../contract/health-schema.ts',
  'shared/history/store.ts': '../storage/snapshot-store.ts',
  'shared/snapshot/ports.ts': '../ports.ts',
  'shared/stored-data/refresh.ts': '../refresh/refresh.ts',
  'shared/stored-data/store.ts': '../storage/snapshot-store.ts',
  'shared/daily-figures/refresh.ts': '../refresh/refresh.ts',
  'shared/daily-figures/store.ts': '../storage/month-store.ts',
  'shared/refresh/reader.ts': '../reading/snapshot-reader.ts',
  'shared/reading/store.ts': '../storage/snapshot-store.ts',
  'shared/storage/refresh.ts': '../refresh/refresh.ts',
  'shared/refresh/k.ts': '../storage/snapshot-store.ts',
  'shared/refresh/l.ts': 'undici',
  'shared/partner-center/m.ts': '../secrets/key-vault.ts',
  'shared/partner-center/n.ts': '@azure/keyvault-secrets',
  'shared/secrets/o.ts': '../partner-center/client.ts',
  'shared/storage/p.ts': '../http/problem.ts',
  'shared/http/contract.ts': '../contract/openapi.ts',
  'shared/http/q.ts': '../storage/snapshot-store.ts',
  'local/r.ts': '../shared/clock.ts',
  'samples/s.ts': '../shared/clock.ts',
  'setup/t.ts': '../functions/index.ts',
} as const;

/** Imports that no rule forbids. */
const allowed = {
  'functions/adapters.ts': '@azure/identity',
  'functions/u.ts': '../shared/clock.ts',
  'shared/snapshot/v.ts': 'zod',
  'shared/snapshot/w.ts': '../errors.ts',
  'shared/snapshot/x.ts': './snapshot.ts',
  'shared/refresh/y.ts': '../snapshot/snapshot.ts',
  'shared/refresh/blobs.ts': '../stored-data/load-blobs.ts',
  'shared/reading/refresh.ts': '../refresh/refresh.ts',
  'shared/storage/ports.ts': '../ports.ts',
  'shared/storage/z.ts': '@azure/storage-blob',
} as const;

describe('the layer rules', () => {
  it('catch every planted breach, and nothing else', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'layers-'));
    try {
      const root = new URL('..', import.meta.url);
      const config = configSchema.parse(JSON.parse(await readFile(new URL('.oxlintrc.json', root), 'utf8')));
      // The planted files lead nowhere, so there are no types to be aware of.
      await writeFile(join(folder, '.oxlintrc.json'), JSON.stringify({ ...config, options: {} }));
      for (const [file, source] of Object.entries({ ...breaches, ...allowed })) {
        await mkdir(dirname(join(folder, file)), { recursive: true });
        await writeFile(join(folder, file), `import { it } from '${source}';\n\nexport const kept = it;\n`);
      }
      const { stdout } = await run('oxlint', ['--format=json'], { cwd: folder }).catch((failed: unknown) =>
        z.object({ stdout: z.string() }).parse(failed),
      );
      const { diagnostics } = reportSchema.parse(JSON.parse(stdout));
      const caught = diagnostics.filter(({ code }) => code.includes('no-restricted-imports'));
      expect([...new Set(caught.map(({ filename }) => filename))].toSorted()).toEqual(Object.keys(breaches).toSorted());
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
