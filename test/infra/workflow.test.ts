import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';

const project = new URL('../../', import.meta.url);
const workflowFile = z.object({
  jobs: z.object({ bicep: z.object({ steps: z.array(z.object({ run: z.string().optional() })) }) }),
});
const warning =
  'infra/modules/app.bicep(96,5) : Warning BCP037: The property "httpOnly" is not allowed on objects of type';

describe('the job bicep of azure-dev.yml', () => {
  it.each<[what: string, compiler: string, isPassed: boolean, said: string]>([
    ['passes when the compiler has nothing to say', 'echo "{}"', true, ''],
    ['fails on a warning, which the compiler does not fail on', `echo "{}"; echo '${warning}' >&2`, false, warning],
    ['fails on an error', `echo 'main.bicep(1,1) : Error BCP007' >&2; exit 1`, false, 'Error BCP007'],
    ['fails when there is no template', 'exit 1', false, ''],
  ])('%s', async (_what, compiler, isPassed, said) => {
    const home = await mkdtemp(join(tmpdir(), 'workflow-'));
    try {
      await write(join(home, 'bicep'), compiler);
      await write(
        join(home, 'az'),
        'if [ "$2" = install ]; then mkdir -p ~/.azure/bin; cp ~/bicep ~/.azure/bin/; else shift; ~/bicep "$@"; fi',
      );
      const file = workflowFile.parse(
        parseYaml(await readFile(new URL('.github/workflows/azure-dev.yml', project), 'utf8')),
      );
      const env = { HOME: home, PATH: `${home}:${process.env['PATH']}` };
      const outcomes = file.jobs.bicep.steps.flatMap(({ run }) =>
        // GitHub runs a step as `bash -e`, without pipefail.
        run === undefined ? [] : [spawnSync('bash', ['-e', '-c', run], { cwd: home, env, encoding: 'utf8' })],
      );
      expect(outcomes.every(({ status }) => status === 0)).toBe(isPassed);
      expect(outcomes.map(({ stdout, stderr }) => stdout + stderr).join('')).toContain(said);
    } finally {
      await rm(home, { recursive: true });
    }
  });
});

async function write(path: string, script: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}
