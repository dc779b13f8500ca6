import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createTestCertificate } from '../support/services/certificate.ts';
import { createAppFolder, mainFile, runHost, startHostUnderTest } from '../support/host/functions-host.ts';

const env = { TICK_SCHEDULE: '0 0 3 * * *' };
const keysSchema = z.object({ masterKey: z.string(), hostKey: z.string() });

describe('process of the development host', () => {
  it('prints one line when it serves, and nothing else, at the default level', async () => {
    const folder = createAppFolder(
      "require('node:fs');require(process.env.LIBRARY).app.http('one', { handler: () => ({}) });",
    );
    const host = await startHostUnderTest(folder, {
      args: ['--log=warning', '--log-format=text'],
      env: { LIBRARY: join(import.meta.dirname, '../../node_modules/@azure/functions') },
    });
    expect((await host.send('/api/one')).status).toBe(200);
    expect(await host.stop()).toBe(0);
    expect(host.output).toEqual([`host ready ${host.base}`]);
  });

  it('writes no line of a category that host.json keeps quiet, by its longest prefix', async () => {
    const source =
      "['quiet','loud'].map((name)=>require(process.env.LIBRARY).app.http(name,{handler:(_,c)=>(c.info('said'),c.warn('warned'),{})}));";
    const folder = createAppFolder(source);
    const logLevel = { default: 'Error', Function: 'Information', 'Function.quiet': 'Warning' };
    writeFileSync(join(folder, 'host.json'), JSON.stringify({ version: '2.0', logging: { logLevel } }));
    const host = await startHostUnderTest(folder, {
      env: { LIBRARY: join(import.meta.dirname, '../../node_modules/@azure/functions') },
    });
    expect((await host.send('/api/quiet')).status).toBe(200);
    expect((await host.send('/api/loud')).status).toBe(200);
    expect(await host.stop()).toBe(0);
    const lines = host.entries.filter(({ category }) => category.startsWith('Function.'));
    expect(lines.map(({ category, message }) => `${category} ${message.split(' ')[0]}`)).toEqual([
      'Function.quiet.User warned',
      'Function.loud Executing',
      'Function.loud.User said',
      'Function.loud.User warned',
      'Function.loud Executed',
    ]);
  });

  it('lets a running invocation finish when it is told to stop, accepts no other, and exits 0', async () => {
    const host = await startHostUnderTest(createAppFolder(), { env });
    const answer = host.send('/api/wait');
    await host.entry(({ message }) => message === "Executing 'Functions.wait'");
    host.signal('SIGTERM');
    expect(await answer).toMatchObject({ status: 200, body: 'done' });
    expect(await host.stop()).toBe(0);
    await expect(host.send('/api/plain')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it.each(['at once', 'while it starts'])('ends with its parent when that ends %s', async (when) => {
    const { promise: isAsked, resolve: asked } = Promise.withResolvers<void>();
    const silentClock = createHttpServer(() => asked()).listen(0, '127.0.0.1');
    await once(silentClock, 'listening');
    const { port } = z.object({ port: z.number() }).parse(silentClock.address());
    const host = spawn(process.execPath, [mainFile, `--app=${createAppFolder()}`, '--port=0'], {
      env: { LOCAL_CLOUD_CONTROL_URL: `http://127.0.0.1:${port}` },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    if (when === 'while it starts') await isAsked;
    host.disconnect();
    expect(await once(host, 'exit')).toEqual([0, null]);
    silentClock.close();
  });

  it('takes the settings of a file, where variables already set win, and trusts the authority they name', async () => {
    const folder = createAppFolder();
    const certificate = await createTestCertificate();
    const server = createServer(certificate, (_request, response) => response.end('trusted')).listen(0);
    await once(server, 'listening');
    writeFileSync(join(folder, 'ca.pem'), certificate.cert);
    const values = {
      ...env,
      ONLY_HERE: 'from the file',
      BOTH: 'from the file',
      NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
    };
    writeFileSync(join(folder, 'local.settings.json'), JSON.stringify({ IsEncrypted: false, Values: values }));

    const host = await startHostUnderTest(folder, { env: { BOTH: 'from the environment' } });
    expect((await host.send('/api/setting?name=ONLY_HERE')).body).toBe('from the file');
    expect((await host.send('/api/setting?name=BOTH')).body).toBe('from the environment');
    const address = z.object({ port: z.number() }).parse(server.address());
    const url = encodeURIComponent(`https://localhost:${address.port}/`);
    expect((await host.send(`/api/fetch?url=${url}`)).body).toBe('trusted');
    expect(await host.stop()).toBe(0);
    server.close();
  });

  it('keeps its keys across restarts', async () => {
    const folder = createAppFolder();
    const first = await startHostUnderTest(folder, { env });
    const { hostKey, masterKey } = keysSchema.parse(JSON.parse(readFileSync(join(folder, '.local/keys.json'), 'utf8')));
    expect((await first.send(`/api/keyed?code=${hostKey}`)).status).toBe(200);
    expect(Buffer.from(hostKey, 'base64url')).toHaveLength(32);
    first.signal('SIGINT');
    expect(await first.ended).toBe(0);
    const second = await startHostUnderTest(folder, { env });
    expect((await second.send(`/api/keyed?code=${hostKey}`)).status).toBe(200);
    expect((await second.send('/api/master-only', { headers: { 'x-functions-key': masterKey } })).status).toBe(200);
    await second.stop();
  });

  it('answers / with a page unless the setting says no', async () => {
    const host = await startHostUnderTest(createAppFolder(), { env });
    expect(await host.send('/')).toMatchObject({ status: 200, headers: { 'content-type': 'text/html' } });
    await host.stop();
  });

  it('serves 404 and says why when the entry file throws', async () => {
    const host = await startHostUnderTest(createAppFolder("throw new Error('broken entry')"));
    expect((await host.send('/api/plain')).status).toBe(404);
    await host.entry(({ level, message }) => level === 'error' && message.includes('broken entry'));
    await host.stop();
  });

  it('says so when main matches no file', async () => {
    const folder = createAppFolder();
    writeFileSync(join(folder, 'package.json'), '{ "main": "dist/*.js" }');
    const host = await startHostUnderTest(folder, { env });
    const { message } = await host.entry(({ level }) => level === 'error');
    expect(message).toContain('"main" of package.json matches no file: dist/*.js');
    await host.stop();
  });

  it('ends with one clear line when the port is taken', async () => {
    const folder = createAppFolder('globalThis.nothing = true');
    const first = await startHostUnderTest(folder);
    const { port } = new URL(first.base);
    const { code, lines } = await runHost(`--app=${folder}`, `--port=${port}`, '--log=error');
    expect({ code, lines }).toEqual({ code: 1, lines: [`port ${port} is in use: choose another with --port`] });
    await first.stop();
  });

  it.each([
    ['--nope', /^Unknown option '--nope'/],
    ['--port=x', /^--port takes a whole number from 0 to 65535$/],
    ['--log=loud', /^--log loud is not a level$/],
    ['--log-format=xml', /^--log-format takes text or json$/],
    ['--settings=/nowhere/at-all.json', /^\/nowhere\/at-all.json cannot be read as settings$/],
  ])('ends with one clear line for %s', async (option, line) => {
    const { code, lines } = await runHost(option);
    expect(code).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(line);
  });
});
