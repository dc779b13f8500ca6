import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../infra/entra/register.sh', import.meta.url));

describe('infra/entra/register.sh', () => {
  it('makes or updates the registration, asks for a role of every caller and tells azd', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'register-'));
    try {
      const asks = [
        ['az', 'case "$*" in *" GET "*) echo 11111111-2222-3333-4444-555555555555 ;; esac'],
        ['azd', 'case "$2" in get-value) echo usage-prod ;; esac'],
      ] as const;
      for (const [name, answer] of asks) {
        const log = `printf '%s\\n' "${name} $*" >>"${folder}/calls"`;
        await writeFile(join(folder, name), `#!/bin/sh\n${log}\n${answer}\n`);
        await chmod(join(folder, name), 0o755);
      }
      const { stdout } = await promisify(execFile)('sh', [script], {
        env: { PATH: `${folder}:${process.env['PATH']}` },
      });
      const calls = (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n');
      const app = "https://graph.microsoft.com/v1.0/applications(uniqueName='partner-usage-api-usage-prod')";
      const id = '11111111-2222-3333-4444-555555555555';
      expect(calls.map((call) => call.replace(/@\S*\//, '@'))).toEqual([
        'azd env get-value AZURE_ENV_NAME',
        `az rest --method PATCH --url ${app} --headers Content-Type=application/json Prefer=create-if-missing --body @app-registration.json --output none`,
        `az rest --method GET --url ${app}?$select=appId --query appId --output tsv`,
        `az rest --method PATCH --url ${app} --headers Content-Type=application/json --body {"identifierUris":["api://${id}"]} --output none`,
        `az rest --method PATCH --url https://graph.microsoft.com/v1.0/servicePrincipals(appId='${id}') --headers Content-Type=application/json Prefer=create-if-missing --body {"appRoleAssignmentRequired":true} --output none`,
        `azd env set ENTRA_CLIENT_ID ${id}`,
      ]);
      expect(stdout).toContain(`Registered ${id}.`);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
