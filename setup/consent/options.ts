import { z } from 'zod';
import { readOptions, parseWholeNumber } from '../command-line.ts';
import { consentSettings } from './settings.ts';

const values = z
  .object({
    settings: z.string().optional(),
    port: z.string(),
    timeout: z.string(),
    yes: z.boolean(),
    open: z.boolean().optional(),
  })
  .catchall(z.string());

type Option = { readonly type: 'string'; readonly help: string };

/** The options of `npm run consent`. Throws CommandError. */
export function readConsentOptions(args: readonly string[]) {
  const usage = 'npm run consent -- [options]: a partner user signs in, and the refresh token is stored';
  const given = readOptions(args, usage, {
    settings: { type: 'string', help: 'a file with settings, as `azd env get-values` writes it' },
    port: { type: 'string', default: '8400', help: 'the port of the redirect URI' },
    timeout: { type: 'string', default: '600', help: 'how many seconds to wait for the sign-in' },
    yes: { type: 'boolean', short: 'y', default: false, help: 'does not ask for confirmation' },
    open: { type: 'boolean', help: 'opens a browser; --no-open does not' },
    ...Object.fromEntries(consentSettings.map(([name, help]): [string, Option] => [name, { type: 'string', help }])),
  });
  const { settings: file, port, timeout, yes, open, ...settings } = values.parse(given);
  return {
    file,
    port: parseWholeNumber('port', port, 65_535),
    /** How long to wait for the sign-in. */
    timeoutMs: parseWholeNumber('timeout', timeout, 3600) * 1000,
    yes,
    /** Whether to open a browser; undefined means only when run in a terminal. */
    open,
    /** Settings given as options. */
    settings,
  };
}
