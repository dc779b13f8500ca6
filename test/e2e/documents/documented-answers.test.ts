import { globSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startProcess } from '../../setup/command.ts';
import { startStage } from '../stage/stage.ts';
import type { App, Stage } from '../stage/stage.ts';
import { openContainer } from '../stage/usage-container.ts';

type Block = { readonly page: string; readonly heading: string; readonly language: string; readonly text: string };

const pages = [
  'README.md',
  ...globSync('docs/**/*.md', { cwd: new URL('../../..', import.meta.url).pathname }).toSorted(),
];
const blocks = pages.flatMap(readBlocks);
/** JSON that follows the request it answers. */
const answers = blocks.flatMap((block, position) => {
  const before = blocks[position - 1];
  const path = /'http:\/\/localhost:7071(\/[^']*)'/.exec(before?.language === 'sh' ? before.text : '')?.[1];
  if (block.language !== 'json' || path === undefined || before?.heading !== block.heading) return [];
  return [{ ...block, path, name: `${block.page}, ${block.heading}: ${path}` }];
});
/** JSON that answers no request shown beside it, by heading; each has a test below. */
const others = ['States', 'An event', 'Bad settings', 'Example', 'Snapshot'];

function readBlocks(page: string): Block[] {
  const text = readFileSync(new URL(`../../../${page}`, import.meta.url), 'utf8');
  let heading = '';
  return [...text.matchAll(/^## (.+)$|^```(\w*)\n([^]*?)^```$/gm)].flatMap(([, title, language = '', body = '']) => {
    heading = title ?? heading;
    return title === undefined ? [{ page, heading, language, text: body }] : [];
  });
}

function findBlock(heading: string, language = 'json'): string {
  return blocks.find((block) => block.heading === heading && block.language === language)?.text ?? '';
}

/** JSON with its digits as text, in its own order of members, without what differs from one day or machine to the next. */
function normalize(text: string): string {
  const value: unknown = JSON.parse(text, (key: string, member: unknown, context?: { source?: string }) => {
    if (key === 'instance') return '<id>';
    return typeof member === 'number'
      ? `number ${/^\d{13}$/.test(context?.source ?? '') ? '<time>' : context?.source}`
      : member;
  });
  return JSON.stringify(value, null, 2)
    .replaceAll(/\d{4}-\d\d(-\d\dT[\d:]+(\.\d+)?)/g, (time) => time.replaceAll(/\d/g, '0'))
    .replaceAll(/"period": "\d{4}-\d\d"/g, '"period": "0000-00"')
    .replaceAll(/http:\/\/(?:localhost|127\.0\.0\.1):\d+/g, 'http://host')
    .replaceAll(/cursor=[\w-]+/g, 'cursor=x');
}

function normalizeReport(line: string): string {
  return line.replaceAll(/\d+ (?=days|minutes)|\d{4}-\d\d|(?<=localhost:)\d+/g, 'N');
}

function normalizeHeader(line: string): string {
  return line.replaceAll(/W\/".*"|ttl=\d+|\d{4}-\d\d|: \w{3}, .* GMT/g, 'x');
}

describe('an answer that the documents show', () => {
  let stage: Stage;
  let app: App;

  beforeAll(async () => {
    stage = await startStage({ customers: 250 });
    await stage.advanceToDay(10, 6.5);
    app = await stage.startApp();
    await app.tick();
  });
  afterAll(() => stage.end());

  it('has a test here, whatever it is', () => {
    const unknown = blocks.filter(
      ({ language, heading, text }) =>
        language === 'json' && !others.includes(heading) && answers.every((answer) => answer.text !== text),
    );
    expect(unknown.map(({ page, heading }) => `${page}, ${heading}`)).toEqual([]);
    expect(answers).toHaveLength(4);
  });

  it.each(answers)("$name is the app's own", async ({ path, text }) => {
    const { body } = await app.get(path);
    // How many customers have used so much differs from day to day.
    const withoutCount = (json: string) =>
      path.includes('minPercentUsed') ? json.replace(/"totalCount": "number \d+"/, '') : json;
    expect(withoutCount(normalize(body))).toBe(withoutCount(normalize(text)));
  });

  it('304: every header', async () => {
    const [path = ''] = /\/api\/\S+(?=')/.exec(findBlock('Conditional requests', 'sh')) ?? [];
    const { headers } = await app.get(path);
    const reply = await app.get(path, { 'if-none-match': String(headers['etag']) });
    const [status = '', ...lines] = findBlock('Conditional requests', 'text').trim().split('\n');
    expect(status).toBe(`HTTP/1.1 ${reply.status} Not Modified`);
    const real = lines.map((line) => line.split(':')[0] ?? '').map((name) => `${name}: ${String(reply.headers[name])}`);
    expect(lines.map(normalizeHeader)).toEqual(real.map(normalizeHeader));
  });

  it('current.json: every member that is shown', async () => {
    const blob = openContainer(stage).getBlockBlobClient('current.json');
    const pointer: unknown = JSON.parse(normalize((await blob.downloadToBuffer()).toString()));
    const shown = JSON.parse(normalize(findBlock('Snapshot')));
    const { blob: name, ...snapshot } = shown.snapshot;
    expect(name).toMatch(/^snapshots\/\d{4}-\d\d\/.*-[0-9a-f]{16}\.ndjson\.gz$/);
    expect(pointer).toMatchObject({ ...shown, snapshot });
  });

  it('a budget event: every member', async () => {
    const poll = '/api/budget-events';
    const { headers } = await app.get(poll);
    const customerId = '11111111-641b-4c53-b7fc-0f2bfca8a581';
    await stage.control({ setRecord: { customerId, raw: { percentUsed: '84.11' } }, advanceHours: 1.1 });
    await app.tick();
    const [event] = Object((await app.get(new URL(String(headers['location'])).href.replace(app.base, ''))).json);
    const shown = JSON.parse(findBlock('An event'));
    expect(Object.keys(shown)).toEqual(Object.keys(event));
    const { kind, threshold, percentUsed } = shown;
    expect(event).toMatchObject({ customerId, kind, threshold, percentUsed });
  });

  it('npm run doctor: every line', async () => {
    const args = [`--url=${app.base}`, '--key=test-function-key'];
    const { lines } = await startProcess({ script: 'doctor', args, env: stage.settings, followsClock: true }).ended;
    const [, ...shown] = findBlock('Doctor', '').trim().split('\n');
    expect(shown.map(normalizeReport)).toEqual(lines.filter((line) => line !== '').map(normalizeReport));
  });

  it('while Partner Center throttles: the snapshot and health/ready', async () => {
    await stage.fault('partner-center', '429');
    await stage.advanceHours(2);
    await app.tick();
    const { snapshot } = Object((await app.get('/api/customers/usagerecords')).json);
    expect(normalize(JSON.stringify(snapshot))).toBe(normalize(findBlock('States')));
    const { body } = await app.get('/api/health/ready');
    expect(normalize(body)).toBe(normalize(findBlock('Example')));
    await stage.clearFaults();
  });

  it('with bad settings: health/ready', async () => {
    const bad = { KEY_VAULT_URL: 'x', PARTNER_CENTER_TENANT_ID: 'x', USAGE_STALE_HOURS: 'x' };
    const { body } = await (await stage.startApp(bad)).get('/api/health/ready');
    expect(normalize(body)).toBe(normalize(findBlock('Bad settings')));
  });
});
