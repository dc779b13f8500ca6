import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runScript } from './support/commands/run-command.ts';

/** Each command's file, and the options its help names. */
const commands = {
  consent: ['setup/consent/main.ts', '--settings --port --timeout --yes --open --KEY_VAULT_URL --USAGE_CREDENTIAL'],
  doctor: ['setup/doctor/main.ts', '--settings --url --key --token --json'],
  'rebuild-history': ['setup/rebuild-history/main.ts', '--settings'],
  usage: ['samples/usage.ts', '--url --key --json --csv --exact'],
  breakages: ['test/breakages/main.ts', '--only'],
  mutation: ['test/mutation/main.ts', '--sample --seed --only --jobs'],
  chaos: ['test/chaos/main.ts', '--seed --minutes --steps --processes --kills --soak --rate --story'],
  start: ['local/start.ts', '--port --customers --latency --cloud-port --no-warm'],
  cloud: ['local/cloud/main.ts', '--cloud-port --customers --latency --settings'],
  host: ['local/host/main.ts', '--port --log --log-format --settings --app --key --master-key'],
} as const;

describe('--help', () => {
  it.each(Object.entries(commands))(
    'of %s names every option, and does nothing else',
    async (name, [file, options]) => {
      const { code, lines } = await runScript(resolve(import.meta.dirname, '..', file), '--help');
      expect(code).toBe(0);
      expect(lines[0]).toMatch(new RegExp(`^npm (run )?${name} -- `));
      const named = lines.flatMap((line) => /^ {2}(--[\w-]+) /.exec(line)?.[1] ?? []);
      expect(named).toEqual(expect.arrayContaining([...options.split(' '), '--help']));
    },
  );
});
