import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { z } from 'zod';
import type { CoreModule } from './core-module.ts';
import { describeThrown, type HostLog } from './log.ts';

const packageSchema = z.object({ main: z.string() });

/** Loads the app, which is CommonJS, and ends its start-up like the Node.js worker; logs why and returns false when that fails. */
export async function loadApp(appFolder: string, core: CoreModule, log: HostLog): Promise<boolean> {
  try {
    const { main } = packageSchema.parse(readJson(join(appFolder, 'package.json')));
    const files = globSync(main, { cwd: appFolder }).toSorted();
    if (files.length === 0) throw new Error(`"main" of package.json matches no file: ${main}`);
    const load = createRequire(join(appFolder, 'package.json'));
    for (const file of files) load(join(appFolder, file));
    const capabilities = await core.model()?.getCapabilities({});
    core.endStartUp();
    if (capabilities?.['HttpUri'] !== undefined) throw new Error('enableHttpStream is not offered by this host');
    return true;
  } catch (error) {
    log({ level: 'error', category: 'Host.Startup', message: `The app did not load: ${describeThrown(error)}` });
    return false;
  }
}

/** The parsed JSON of a file; throws when it cannot be read. */
export function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
