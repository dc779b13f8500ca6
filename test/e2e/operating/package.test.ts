import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStage } from '../stage/stage.ts';
import type { Stage } from '../stage/stage.ts';

const project = resolve(import.meta.dirname, '../../..');
const list = '/api/customers/usagerecords';

/** What stays at home when a developer deploys: settings, secrets, leftovers of an older build. */
const planted = ['local.settings.json', '.env', '.azure/usage-prod/.env', 'dist/old.cjs', 'dist/index.cjs.map'];

describe('the package that azd uploads', () => {
  let folder: string;
  let unpacked: string;
  let archive: Buffer;
  let stage: Stage;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'upload-'));
    unpacked = join(folder, 'unpacked');
    archive = await packedBy(join(folder, 'project'));
    await unzip(archive, unpacked);
    stage = await startStage();
  });
  afterAll(async () => {
    await stage.end();
    await rm(folder, { recursive: true });
  });

  it('holds the bundle and what the host reads, and nothing else', async () => {
    expect(await filesIn(unpacked)).toEqual([
      'dist/THIRD-PARTY-NOTICES.txt',
      'dist/azure-sdk.cjs',
      'dist/index.cjs',
      'dist/keyvault-secrets.cjs',
      'dist/oauth4webapi.cjs',
      'dist/undici.cjs',
      'host.json',
      'package.json',
    ]);
  });

  it('holds no source map in the bundle', async () => {
    for (const file of await readdir(join(unpacked, 'dist'))) {
      expect(await readFile(join(unpacked, 'dist', file), 'utf8')).not.toContain('sourceMappingURL');
    }
  });

  it('answers a read from an empty folder, with nothing installed beside it', async () => {
    const app = await stage.startApp({}, [`--app=${unpacked}`]);
    await app.tick();
    const reply = await app.get(`${list}?top=1`);
    expect(reply).toMatchObject({ status: 200, json: { snapshot: { state: 'fresh', recordCount: 60 } } });
    expect(Object(reply.json).value).toHaveLength(1);
  });
});

/** Packs a copy of the project as azd does: its hook builds, its .funcignore chooses. git reads the same syntax, and zips. */
async function packedBy(copy: string): Promise<Buffer> {
  await cp(project, copy, { recursive: true, filter: isSource });
  await symlink(join(project, 'node_modules'), join(copy, 'node_modules'));
  for (const file of planted) {
    await mkdir(dirname(join(copy, file)), { recursive: true });
    await writeFile(join(copy, file), '{"Values":{}}');
  }
  execFileSync('sh', ['infra/hooks/build-package.sh'], { cwd: copy });
  await writeFile(join(copy, 'dist/index.cjs.map'), '{}');
  await cp(join(copy, '.funcignore'), join(copy, '.gitignore'));
  const git = (...args: string[]) => execFileSync('git', args, { cwd: copy, maxBuffer: 100_000_000 });
  git('init', '--quiet');
  git('add', '--all');
  return git('archive', '--format=zip', git('write-tree').toString().trim());
}

function isSource(path: string): boolean {
  return !['node_modules', '.git', '.local', 'dist', 'coverage'].includes(basename(path));
}

async function filesIn(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
}

/** Writes every file of a zip into a folder, by the central directory at its end (APPNOTE.TXT 4.3.12). */
async function unzip(zip: Buffer, into: string): Promise<void> {
  const end = zip.lastIndexOf('PK\u0005\u0006');
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
    const name = zip.toString('utf8', at + 46, at + 46 + (nameLength ?? 0));
    const start = zip.readUInt32LE(at + 42);
    const data = start + 30 + zip.readUInt16LE(start + 26) + zip.readUInt16LE(start + 28);
    const bytes = zip.subarray(data, data + zip.readUInt32LE(at + 20));
    const path = join(into, name);
    await mkdir(name.endsWith('/') ? path : dirname(path), { recursive: true });
    if (!name.endsWith('/')) await writeFile(path, zip.readUInt16LE(at + 10) === 0 ? bytes : inflateRawSync(bytes));
    at += 46 + (nameLength ?? 0) + (extraLength ?? 0) + (commentLength ?? 0);
  }
}
