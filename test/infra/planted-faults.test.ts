import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkInfra } from './checks/check.ts';
import { findingText } from './checks/finding.ts';
import { plantedFaults } from './faults/planted-faults.ts';

describe('checkInfra', () => {
  let folder = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'infra-'));
    const source = new URL('../../', import.meta.url);
    for (const name of ['infra', 'azure.yaml', 'host.json', '.github']) {
      await cp(new URL(name, source), join(folder, name), { recursive: true });
    }
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each(plantedFaults)('finds %s', async (_what, file, from, to, finding) => {
    const path = join(folder, file);
    const original = await readFile(path, 'utf8');
    expect(original).toContain(from);
    await writeFile(
      path,
      original.replace(from, () => to),
    );
    try {
      const findings = await checkInfra(pathToFileURL(`${folder}/`));
      expect(findings.map(findingText)).toContainEqual(expect.stringMatching(finding));
    } finally {
      await writeFile(path, original);
    }
  });
});
