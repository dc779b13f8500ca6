import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { calculateGrowth } from '../../bench/growth.ts';
import { findLargestCosts } from '../../bench/profile.ts';
import { divideRounds, summarize } from '../../bench/statistics.ts';
import { createRow, formatTable, judgeRow } from '../../bench/table.ts';

const main = join(import.meta.dirname, '../../bench/main.ts');

describe('npm run bench', () => {
  it('measures every group over one small list and keeps a table and a picture', { timeout: 300_000 }, async () => {
    const out = await mkdtemp(join(tmpdir(), 'bench-out-'));
    onTestFinished(() => rm(out, { recursive: true, force: true }));
    await promisify(execFile)(process.execPath, [main, '--smoke', '--out', out]);
    const page = await readFile(join(out, 'results.md'), 'utf8');
    expect(page).toMatch(/Machine: \d+ cores of .+, \d+ GB, \w+ \w+, Node v24\./);
    const groups = [...page.matchAll(/^\| \*\*(.+?)\*\*/gm)].map(([, group]) => group);
    expect(groups).toEqual([
      'CPU a request',
      'Longest block of the event loop',
      'Refresh, CPU',
      'Index build, CPU',
      'History',
      'Memory',
      'Cold start',
    ]);
    for (const baseline of [
      'hello',
      'bare page-gzip',
      'naive',
      'cachified',
      'cacheable',
      'undici-cache',
      'node:http',
    ]) {
      expect(page).toMatch(new RegExp(`\\| ${baseline}[^|]*: [\\d.]+ +\\|`));
    }
    expect(page).toMatch(/\| (?:holds|does not hold) +\|/);
    // The CPU clock of nginx ticks every 10 ms, so a run this short may see none of it.
    const steady = page.split('\n').filter((line) => !line.includes('nginx proxy_cache'));
    expect(steady.join('\n')).not.toContain('?');
    const picture = await readFile(join(out, 'results.svg'), 'utf8');
    expect(picture).toMatch(/^<svg [\s\S]+<\/svg>\n$/);
    expect(picture).not.toContain('NaN');
  });

  it('takes only the measures, sizes and routes it is asked for', { timeout: 300_000 }, async () => {
    const only = ['--only', 'event-loop,live', '--records', '30'];
    const { stdout } = await promisify(execFile)(process.execPath, [main, '--smoke', ...only]);
    const rows = [...stdout.matchAll(/^\| (\S.*?) +\| +(\S*) +\|/gm)].map(([, name, records]) => `${name} ${records}`);
    expect(rows.filter((row) => row.endsWith(' 30'))).toEqual([
      'no request 30',
      'live 30',
      'refresh, changed list 30',
      'refresh, unchanged list 30',
    ]);
  });

  it('names the measures and routes there are', async () => {
    const run = promisify(execFile)(process.execPath, [main, '--only', 'speed']);
    await expect(run).rejects.toThrow(/--only takes requests, latency, .*page-gzip.*, and not speed/);
  });
});

describe('its arithmetic', () => {
  const row = { group: 'g', name: 'n', records: 10, unit: 'ms' };

  it('takes the median of the rounds, with the lowest and the highest', () => {
    expect(summarize([9, 1, 4])).toEqual({ median: 4, low: 1, high: 9 });
    expect(summarize([1, 2, 5, 9])).toEqual({ median: 3.5, low: 1, high: 9 });
    expect(() => summarize([])).toThrow('no round was measured');
  });

  it('compares with the baseline in the same round', () => {
    expect(divideRounds([2, 30], [1, 10])).toEqual([2, 3]);
  });

  it('judges the median, of the ratio or of the value itself', () => {
    const against = { name: 'b', values: [10, 10, 10] };
    const ratio = { of: 'ratio', atMost: 1.08 } as const;
    expect(judgeRow(createRow({ ...row, values: [10.8, 10, 99], against, limit: ratio }))).toBe('holds');
    expect(judgeRow(createRow({ ...row, values: [10.9, 10, 99], against, limit: ratio }))).toBe('does not hold');
    expect(judgeRow(createRow({ ...row, values: [60], limit: { of: 'value', atMost: 60 } }))).toBe('holds');
    expect(judgeRow(createRow({ ...row, values: [61], limit: { of: 'value', atMost: 60 } }))).toBe('does not hold');
    expect(judgeRow(createRow({ ...row, values: [61] }))).toBe('');
  });

  it('names the baseline and its own figure beside the ratio', () => {
    const table = formatTable([
      createRow({ ...row, records: 100_000, values: [12.345], against: { name: 'b', values: [5] } }),
    ]);
    expect(table.replaceAll(/ +/g, ' ')).toContain(
      '| n | 100 000 | ms | 12.3 (12.3 to 12.3) | | 2.47 (2.47 to 2.47) | b: 5 | | | |',
    );
  });

  it('finds the growth between the smallest and the largest list', () => {
    const rows = [
      createRow({ ...row, group: 'CPU a request', name: 'csv', records: 1000, values: [3] }),
      createRow({ ...row, group: 'CPU a request', name: 'csv', records: 11_000, values: [53] }),
    ];
    expect(calculateGrowth(rows)).toMatchObject([{ name: 'csv', value: { median: 5000 } }]);
  });

  it('adds up self time by function, without idle time', () => {
    const frame = { url: '', lineNumber: 0, columnNumber: 0 };
    const profile = {
      nodes: [
        { id: 1, callFrame: { ...frame, functionName: '(idle)' } },
        { id: 2, callFrame: { ...frame, functionName: 'stringify' } },
        { id: 3, callFrame: { ...frame, functionName: 'gzip' } },
      ],
      samples: [1, 2, 3, 2],
      timeDeltas: [9000, 1000, 1000, 2000],
    };
    expect(findLargestCosts(profile, 1)).toEqual([{ what: 'stringify native', selfMs: 3, share: 0.75 }]);
  });
});
