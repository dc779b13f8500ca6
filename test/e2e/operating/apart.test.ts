import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadKeys } from '../../../local/host/keys.ts';
import { startCommand } from '../../support/commands/run-command.ts';
import { send } from '../../support/http-client.ts';

const root = join(import.meta.dirname, '../../..');
const settingsFile = z.object({ IsEncrypted: z.literal(false), Values: z.record(z.string(), z.string()) });

type Script = Awaited<ReturnType<typeof startScript>>;

/** `npm run <name>` with no more of an environment than npm needs; resolves with its last line of starting. */
async function startScript(name: string, args: readonly string[], lastLine: string) {
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], npm_config_update_notifier: 'false' };
  const { pid, ended, lines, waitForLine } = startCommand(['npm', 'run', '--silent', name, '--', ...args], {
    cwd: root,
    env,
  });
  await waitForLine(lastLine);
  return {
    lines,
    async stop(): Promise<void> {
      process.kill(-pid, 'SIGINT');
      await ended;
    },
  };
}

describe('npm run cloud and npm run host, started apart', () => {
  let folder: string;
  let cloud: Script;
  let settings: Readonly<Record<string, string>>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'apart-'));
    const file = join(folder, 'local.settings.json');
    cloud = await startScript('cloud', ['--cloud-port=0', '--customers=8', `--settings=${file}`], 'cloud ready');
    settings = settingsFile.parse(JSON.parse(await readFile(file, 'utf8'))).Values;
    const authority = await readFile(settings['NODE_EXTRA_CA_CERTS'] ?? '', 'utf8');
    tls.setDefaultCACertificates([...tls.getCACertificates('bundled'), authority]);
  });
  afterAll(async () => {
    await cloud.stop();
    await rm(folder, { recursive: true });
  });

  it('need nothing but the settings file: no warning, an answer, and a timer that warms the cache', async () => {
    const host = await startScript('host', ['--port=0', `--settings=${folder}/local.settings.json`], 'host ready');
    const base = host.lines[0]?.replace('host ready ', '') ?? '';
    const headers = { 'x-functions-key': loadKeys({ folder: join(root, '.local') }).host };
    expect(await send(base, '/api/health/ready', { headers })).toMatchObject({ status: 503 });

    await fetch(settings['LOCAL_CLOUD_CONTROL_URL'] ?? '', { method: 'POST', body: '{"advanceHours":0.1}' });
    // `ready` never refreshes: only the timer can have brought it about.
    for (let asked = 0; asked < 2000; asked += 1) {
      if ((await send(base, '/api/health/ready', { headers })).status === 200) break;
    }
    const reply = await send(base, '/api/customers/usagerecords?top=2', { headers });
    expect(reply.status).toBe(200);
    expect(JSON.parse(reply.body)).toMatchObject({ totalCount: 8, snapshot: { state: 'fresh' } });
    await host.stop();
    expect(host.lines).toEqual([`host ready ${base}`]);
  });
});
