import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sections, regenerateSections } from '../docs/tables.ts';
import { httpFunctions } from '../functions/http-functions.ts';
import { entraFaults } from '../local/cloud/entra/entra.ts';
import { keyVaultFaults } from '../local/cloud/key-vault.ts';
import { partnerCenterFaults } from '../local/cloud/partner-center/faults.ts';
import { storageFaults } from '../local/cloud/storage/faults.ts';
import { settingsSchema } from '../shared/settings.ts';
import { failureCodes } from '../shared/errors.ts';
import { problemTexts } from '../shared/http/problem-texts.ts';
import { logEvents } from '../shared/log.ts';
import { startStage } from './e2e/stage/stage.ts';
import type { Stage } from './e2e/stage/stage.ts';

const root = resolve(import.meta.dirname, '..');
const names = ['README.md', ...globSync('docs/**/*.md', { cwd: root }).toSorted()];
const pages = names.map((name) => ({ name, text: readFileSync(join(root, name), 'utf8') }));

const codeFiles = globSync('{functions,shared}/**/*.ts', { cwd: root }).map((file) => `/${file}`);

/** What a command makes, or what lies in blob storage. */
const madeFiles = [
  '.local/certificates/ca.pem',
  'local.settings.json',
  'dist/index.cjs',
  'azure-sdk.cjs',
  'current.json',
  'refresh.lock',
];
/** What stands in a page outside its code blocks. */
function proseOf(text: string): string {
  return text.replaceAll(/^```[^]*?^```$/gm, '');
}

/** Every code span of a page's prose, with what the pattern's first group takes out of it. */
function spansOf(text: string, pattern: RegExp): string[] {
  const spans = [...proseOf(text).matchAll(/`([^`\n]+)`/g)].map(([, span]) => span ?? '');
  return spans.flatMap((span) => pattern.exec(span)?.[1] ?? []);
}

function blocksOf(text: string, language: string): string[] {
  const blocks = text.matchAll(/^```(\w*)\n([^]*?)^```$/gm);
  return [...blocks].flatMap(([, kind, block = '']) => (kind === language ? [block] : []));
}

/** The anchors that GitHub makes of a page's headings. */
function anchorsOf(text: string): string[] {
  return [...proseOf(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The links of a page that lead into this repository. */
function ownLinksOf({ text, name }: { readonly text: string; readonly name: string }) {
  return [...proseOf(text).matchAll(/\]\(([^)]+)\)/g)].flatMap(([, target = '']) => {
    if (/^https?:/.test(target)) return [];
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? join(root, name) : resolve(root, dirname(name), path);
    return [{ target, file, anchor }];
  });
}

describe('README.md', () => {
  const [{ text }] = [...pages, { text: '' }];

  it('stays short', () => {
    expect(text.split('\n').length).toBeLessThan(250);
  });

  it('names the two commands, and has the headings that the template gallery looks for', () => {
    expect(text).toContain('npm ci && npm start');
    expect(text).toContain('npm ci && npm test');
    const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(expect.arrayContaining(['Features', 'Getting Started', 'Guidance', 'Resources']));
  });
});

describe.each(pages)('$name', ({ name, text }) => {
  it('has fresh generated sections (npm run docs)', () => {
    expect(text).toBe(regenerateSections(text));
  });

  it('lists every section in its contents, if it has them', () => {
    const [, contents] = /^Contents: ([^]*?)\n\n/m.exec(text) ?? [];
    const anchors = anchorsOf(text.replaceAll(/^(#|###+) .*$/gm, ''));
    const missing = anchors.filter((anchor) => !contents?.includes(`(#${anchor})`));
    expect(contents === undefined ? [] : missing).toEqual([]);
  });

  it('links to files and headings that exist', () => {
    const dead = ownLinksOf({ name, text }).filter(
      ({ file, anchor }) =>
        !existsSync(file) || (anchor !== undefined && !anchorsOf(readFileSync(file, 'utf8')).includes(anchor)),
    );
    expect(dead.map(({ target }) => target)).toEqual([]);
  });

  it('names files that exist', () => {
    const files = spansOf(text, /^([\w./-]*\w\.(?:ts|json|md|bicep|yml|yaml|pem|cjs))$/);
    const folders = spansOf(text, /^((?:functions|shared|local|test|bench|docs|infra)\/(?:[\w-]+\/)*)$/);
    const missing = [...files, ...folders].filter((path) => !existsSync(join(root, path)));
    expect(missing.filter((path) => !madeFiles.includes(path))).toEqual([]);
  });

  it('names files that exist in its figures', () => {
    const files = blocksOf(text, 'mermaid').flatMap((block) => block.match(/[\w-]+(?:\/[\w-]+)*\.ts\b/g) ?? []);
    expect(files.filter((file) => !codeFiles.some((path) => path.endsWith(`/${file}`)))).toEqual([]);
  });

  it('names log events that exist', () => {
    const kinds = new Set(Object.keys(logEvents).map((event) => event.split('.')[0]));
    const named = spansOf(text, /^([a-z]+\.[a-z-]+)$/).filter((span) => kinds.has(span.split('.')[0]));
    expect(named.filter((span) => !(span in logEvents) && !madeFiles.includes(span))).toEqual([]);
  });

  it('names codes that exist', () => {
    const codes = [...Object.keys(problemTexts), ...failureCodes];
    const named = spansOf(text, /^((?:[A-Z][a-z]+){2,})$/);
    expect(named.filter((code) => !codes.includes(code))).toEqual([]);
  });

  it('names settings and routes that exist', () => {
    const settings = spansOf(text, /^((?:USAGE|PARTNER_CENTER|PUBLIC|KEY_VAULT)_[A-Z_]+)$/);
    expect(settings.filter((setting) => !(setting in settingsSchema.shape))).toEqual([]);
    const known = httpFunctions.map(({ route }) => route.replace(':guid', ''));
    const routes = spansOf(text, /^(?:GET|POST) \/api\/([^?]+)/).map((route) => route.replace(':guid', ''));
    expect(routes.filter((route) => !known.includes(route))).toEqual([]);
  });

  it('shows JSON that parses', () => {
    for (const block of blocksOf(text, 'json')) expect(() => JSON.parse(block) as unknown).not.toThrow();
  });
});

describe('sections', () => {
  it('are all in use', () => {
    const used = pages
      .flatMap(({ text }) => [...text.matchAll(/^<!-- generated:([\w-]+) -->$/gm)])
      .map(([, name]) => name);
    expect(new Set(used)).toEqual(new Set(Object.keys(sections)));
  });

  it('refuse a marker that names none of them', () => {
    expect(() => regenerateSections('<!-- generated:nothing -->\n<!-- /generated -->')).toThrow('"nothing"');
  });
});

describe('logEvents', () => {
  const files = globSync(['shared/**/*.ts', 'functions/**/*.ts'], { cwd: root });
  const code = files
    .filter((file) => file !== join('shared', 'log.ts'))
    .map((file) => readFileSync(join(root, file), 'utf8'))
    .join('\n');

  /** As a literal, or with the last word taken from an outcome's `kind`. */
  function isEmitted(event: string): boolean {
    const [kind = '', outcome = ''] = event.split('.');
    return (
      code.includes(`'${event}'`) || (code.includes(`\`${kind}.\${outcome.kind}\``) && code.includes(`'${outcome}'`))
    );
  }

  it.each(Object.keys(logEvents))('%s is emitted by some code', (event) => {
    expect(isEmitted(event)).toBe(true);
  });
});

describe('the faults of docs/reference/local-cloud.md', () => {
  it.each([
    ['partner-center', partnerCenterFaults],
    ['entra', entraFaults],
    ['key-vault', keyVaultFaults],
    ['storage', storageFaults],
  ])('of %s are all that there are', (service, faults) => {
    const page = pages.find(({ name }) => name === 'docs/reference/local-cloud.md')?.text ?? '';
    const row = page.split('\n').find((line) => line.startsWith(`| \`${service}\``)) ?? '';
    const [, ...kinds] = [...row.matchAll(/`([\w-]+)`/g)].map(([, kind]) => kind);
    expect(new Set(kinds)).toEqual(new Set(Object.keys(faults)));
  });
});

describe('docs/examples/over-budget.ts', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await startStage();
  });
  afterAll(() => stage.end());

  it('lists who is over budget with every digit, page by page', async () => {
    const app = await stage.startApp();
    await app.tick();
    const example = fileURLToPath(new URL('../docs/examples/over-budget.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [example], {
      env: { ...process.env, USAGE_API_URL: app.base, USAGE_API_KEY: 'test-function-key' },
    });
    const [first] = stdout.split('\n');
    expect(first).toBe('Modern Azure Customer SE: 602.84 % used, estimated 120.5682999999995904716 of 20 SEK');
  });
});
