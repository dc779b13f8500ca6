import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runScript, startCommand } from '../support/commands/run-command.ts';
import { send } from '../support/http-client.ts';

const startFile = resolve(import.meta.dirname, '../../local/start.ts');

/** As a user starts it, with npm and a shell around it, in a process group of their own. */
const byNpm = ['npm', 'run', '--silent', 'start', '--'];
/** The one process that npm starts. */
const byNode = [process.execPath, startFile];

/** `npm start` on free ports, without warming unless days go by; resolves when it has printed all it has to say. */
async function startAll(command: readonly string[], options: readonly string[] = []) {
  const args = ['--port=0', '--cloud-port=0', '--customers=4', '--no-warm', ...options];
  const { waitForLine, ...started } = startCommand([...command, ...args]);
  await waitForLine(options.length === 0 ? 'advanceHours' : 'since=');
  const { lines } = started;
  const hostUrl = addressIn(lines, /^ready (http:\/\/localhost:\d+)\/api\/customers\/usagerecords key=[-\w]{43}$/);
  const controlUrl = addressIn(lines, /^control (https:\/\/localhost:\d+)\/_control$/);
  return { ...started, hostUrl, controlUrl };
}

function addressIn(lines: readonly string[], pattern: RegExp): string {
  return z.string().parse(lines.map((line) => pattern.exec(line)?.[1]).find((url) => url !== undefined));
}

/** The child process that runs this file, as soon as there is one. */
async function findChild(parent: number, file: string): Promise<number> {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const found = pids.find((pid) => {
    try {
      const isChild = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1] === String(parent);
      return isChild && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(file);
    } catch {
      return false;
    }
  });
  return found === undefined ? await setImmediate().then(async () => findChild(parent, file)) : Number(found);
}

describe('npm start', () => {
  it('says where everything is, and stops everything on Ctrl-C', async () => {
    const { pid, ended, hostUrl, controlUrl, lines } = await startAll(byNpm);
    expect((await send(hostUrl, '/nothing')).status).toBe(404);
    expect(lines.filter((line) => line.startsWith('curl '))).toHaveLength(3);
    process.kill(-pid, 'SIGINT');
    expect(await ended).toBe('SIGINT');
    await expect(send(hostUrl, '/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(send(controlUrl, '/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('lets days go by until today, each with a refresh of its own, and stops when npm is told to stop', async () => {
    const { pid, ended, hostUrl, lines } = await startAll(byNpm, ['--days=4', '--customers=120']);
    expect(lines).toContainEqual(expect.stringMatching(/^4 days passed in \d+\.\d s$/));
    const key = z
      .string()
      .parse(lines.map((line) => /key=(\S+)$/.exec(line)?.[1]).find((found) => found !== undefined));
    const eventsUrl = lines
      .map((line) => /'(http\S+since=[\w-]+)'$/.exec(line)?.[1])
      .find((found) => found !== undefined);
    const path = '/api/customers/usagerecords';
    const { body } = await send(hostUrl, path, { headers: { 'x-functions-key': key } });
    const { snapshot } = z
      .object({ snapshot: z.object({ fetchedAt: z.string(), recordCount: z.number() }) })
      .parse(JSON.parse(body));
    expect(snapshot.recordCount).toBe(120);
    const { pathname, search } = new URL(z.string().parse(eventsUrl));
    const { status } = await send(hostUrl, pathname + search, { headers: { 'x-functions-key': key } });
    expect(status).toBe(200);
    expect(Date.now() - Date.parse(snapshot.fetchedAt)).toBeLessThan(300_000);
    process.kill(pid, 'SIGTERM');
    expect(await ended).toBe('SIGTERM');
    await expect(send(hostUrl, '/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('says so, stops the rest and exits 1 when the host is killed', async () => {
    const { pid, ended, controlUrl, lines } = await startAll(byNode);
    process.kill(await findChild(pid, 'local/host/main.ts'), 'SIGKILL');
    expect(await ended).toBe(1);
    expect(lines.at(-1)).toBe('the host ended unexpectedly (SIGKILL)');
    await expect(send(controlUrl, '/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('leaves no host behind when it is killed itself', async () => {
    const { pid, ended, hostUrl } = await startAll(byNode);
    process.kill(pid, 'SIGKILL');
    await ended;
    await expect(send(hostUrl, '/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('stops at once on Ctrl-C while its blob service starts', async () => {
    const { pid, ended } = startCommand([...byNode, '--port=0', '--cloud-port=0']);
    const azurite = await findChild(pid, 'azurite');
    process.kill(azurite, 'SIGSTOP');
    process.kill(pid, 'SIGINT');
    expect(await ended).toBe(0);
    process.kill(azurite, 'SIGKILL');
  });

  it('ends with one clear line when the port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = z.object({ port: z.number() }).parse(server.address());
    const { code, lines } = await runScript(startFile, `--port=${port}`);
    expect({ code, lines }).toEqual({ code: 1, lines: [`port ${port} is in use: choose another with -- --port N`] });
    server.close();
  });

  it.each([
    ['--nope', /^Unknown option '--nope'/],
    ['--customers=many', /^--customers takes a whole number from 0 to 1000000$/],
  ])('ends with one clear line for %s', async (option, line) => {
    const { code, lines } = await runScript(startFile, option);
    expect(code).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(line);
  });
});

describe('npm run cloud', () => {
  it('stops when npm is told to stop while it starts', async () => {
    const settings = join(mkdtempSync(join(tmpdir(), 'cloud-')), 'local.settings.json');
    const command = ['npm', 'run', '--silent', 'cloud', '--', '--cloud-port=0', `--settings=${settings}`];
    const { pid, ended, waitForLine } = startCommand(command);
    await waitForLine('certificates in');
    process.kill(pid, 'SIGTERM');
    expect(await ended).toBe('SIGTERM');
  });
});
