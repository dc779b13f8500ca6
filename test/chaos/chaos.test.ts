import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { calculateSlope } from './slope.ts';

const main = join(import.meta.dirname, 'main.ts');

/** Runs `npm run chaos` with these options; what it prints, and how it ends. */
async function runChaos(...options: readonly string[]) {
  const child = spawn(process.execPath, [main, ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  const printed: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => printed.push(chunk));
  const [code]: unknown[] = await once(child, 'close');
  return { code, text: Buffer.concat(printed).toString() };
}

describe('npm run chaos', () => {
  it.concurrent.each([
    { what: 'faults, alone and in pairs', options: ['--seed', '5', '--steps', '12', '--processes', '3'] },
    { what: 'kills at the calls of a refresh', options: ['--seed', '5', '--kills', '12'] },
  ])('$what: no promise is broken', { timeout: 600_000 }, async ({ options }) => {
    const { code, text } = await runChaos(...options);
    expect(text).toContain('violations 0');
    expect(code).toBe(0);
  });
});

it('the slope is that of the line through the samples', () => {
  const samples = [1, 2, 3, 4].map((at) => ({ at, value: 7 + 2 * at }));
  expect(calculateSlope(samples)).toBeCloseTo(2);
});
