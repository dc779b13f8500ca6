import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { z } from 'zod';
import { CommandError, exitWith, parseWholeNumber, readOptions } from '../../setup/command-line.ts';
import { onStopRequest } from '../stop-request.ts';
import { type Host, startHost } from './host.ts';
import { loadKeys } from './keys.ts';
import { createHostLog, formatLine, logLevels } from './log.ts';

const settingsSchema = z.object({ Values: z.record(z.string(), z.string()).default({}) });

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(): Promise<void> {
  const options = readOptions(
    process.argv.slice(2),
    'npm run host -- [options]: a development host for Azure Functions',
    {
      port: { type: 'string', default: '7071', help: 'the port of the app' },
      log: { type: 'string', default: 'warning', help: 'the lowest level to show, trace to critical, or none' },
      'log-format': { type: 'string', default: 'text', help: 'text or json' },
      settings: { type: 'string', help: 'a file with settings, else local.settings.json' },
      app: { type: 'string', default: resolve(import.meta.dirname, '../..'), help: 'the folder of the app' },
      key: { type: 'string', help: 'the function key, else the one kept in .local/' },
      'master-key': { type: 'string', help: 'the master key, else the one kept in .local/' },
    },
  );
  const port = parseWholeNumber('port', options.port, 65_535);
  const format = options['log-format'];
  const level = logLevels.find((each) => each === options.log);
  if (level === undefined) throw new CommandError({ what: `--log ${options.log} is not a level` });
  if (format !== 'text' && format !== 'json') throw new CommandError({ what: '--log-format takes text or json' });
  const appFolder = resolve(options.app);
  loadSettings(appFolder, options.settings);

  const keys = loadKeys({ folder: join(appFolder, '.local'), key: options.key, masterKey: options['master-key'] });
  const log = createHostLog({ level, format, write });
  let host: Host | undefined;
  stopWhenAsked(async () => host?.stop());
  host = await startHost({ appFolder, port, keys, settings: process.env, log }).catch((error: unknown) => {
    throw isPortTaken(error) ? new CommandError({ what: `port ${port} is in use: choose another with --port` }) : error;
  });
  const ready = `host ready http://localhost:${host.port}`;
  write(format === 'text' ? ready : formatLine({ level: 'information', category: 'Host', message: ready }, format));
}

/** Copies the file's `Values` into the environment; variables already set win. */
function loadSettings(appFolder: string, file: string | undefined): void {
  const path = resolve(appFolder, file ?? 'local.settings.json');
  const trustedAtStart = process.env['NODE_EXTRA_CA_CERTS'];
  const values = file !== undefined || existsSync(path) ? readSettings(path).Values : {};
  for (const [name, value] of Object.entries(values)) process.env[name] ??= value;
  process.env['AZURE_FUNCTIONS_ENVIRONMENT'] ??= 'Development';
  const authority = values['NODE_EXTRA_CA_CERTS'];
  if (authority === undefined || authority === trustedAtStart) return;
  // Node reads this variable before any code runs, and a shell may have set it to another file: what the settings name is added.
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(authority, 'utf8')]);
}

function readSettings(path: string): z.infer<typeof settingsSchema> {
  try {
    return settingsSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new CommandError({ what: `${path} cannot be read as settings` }, { cause: error });
  }
}

/** Ends this process as soon as `stop` allows it. */
function stopWhenAsked(stop: () => Promise<void>): void {
  let stopping: Promise<void> | undefined;
  const onRequest = (signal: NodeJS.Signals) => {
    // A second Ctrl-C waits for no invocation.
    if (stopping !== undefined && signal === 'SIGINT') process.exit(1);
    stopping ??= stop().then(() => process.exit(0), exitWith);
  };
  onStopRequest(onRequest);
  // A parent that was killed sends no signal, but its channel closes.
  process.on('disconnect', () => onRequest('SIGTERM'));
}

function isPortTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}

await main().catch(exitWith);
