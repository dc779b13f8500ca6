import { gunzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { rebuildHistory } from '../../shared/daily-figures/fold-history.ts';
import type { RebuiltMonth } from '../../shared/daily-figures/fold-history.ts';
import { DependencyError } from '../../shared/errors.ts';
import { createMemoryStore } from '../support/services/memory-store.ts';
import { createRefreshRig } from '../support/rigs/refresh-rig.ts';
import { createDownload } from '../support/lists/usage-rows.ts';
import type { TestRow } from '../support/lists/usage-rows.ts';

const one = '00000000-0000-4000-8000-00000000000a';
const two = '00000000-0000-4000-8000-00000000000b';
const november = 'history/2026-11.ndjson.gz';
const hash = /[\da-f]{16}(?=\.ndjson\.gz)/g;

let memory: ReturnType<typeof createMemoryStore>;
let rig: ReturnType<typeof createRefreshRig>;

/** Another process over the same storage. */
function restart(now: string): void {
  rig = createRefreshRig({ now, memory });
}

beforeEach(() => {
  memory = createMemoryStore();
  restart('2026-11-18T08:00:00Z');
});

/** Refreshes at 08:00 of the day with these rows, estimated that morning. */
async function refresh(day: string, rows: readonly TestRow[]): Promise<void> {
  rig.advanceMinutes((Date.parse(`${day}T08:00:00Z`) - rig.now()) / 60_000);
  const dated = rows.map((row) => ({ lastModifiedDate: `${day}T05:00:00Z`, ...row }));
  rig.serve(() => Promise.resolve(createDownload(dated)));
  expect((await rig.refresh('timer', rig.log.call)).kind).toBe('published');
}

/** What `zcat` prints of a month, without the hashes. */
function print(blob = november): string[] {
  const lines = gunzipSync(memory.written.get(blob)?.bytes ?? Buffer.alloc(0)).toString();
  return lines.replaceAll(hash, 'HASH').trimEnd().split('\n');
}

function deleteList(day: string): void {
  for (const name of memory.blobs.keys()) if (name.startsWith(`daily/2026-11/${day}`)) memory.blobs.delete(name);
}

/** Where the rows of the first block begin. */
const findSecondMember = (bytes: Buffer) => bytes.indexOf(Buffer.from([0x1f, 0x8b, 0x08]), 1);

const bytesOf = (blob = november) => memory.written.get(blob)?.bytes.toString('base64');
const cost = (totalCost: number, more: TestRow = {}): TestRow => ({ id: one, totalCost, ...more });

/** Every day has more rows. */
const createRows = (day: number) =>
  Array.from({ length: 70 + day * 3 }, (_, number): TestRow => {
    return { id: `c${number}`, totalCost: number * day, isUpgraded: number % 3 > 0 };
  });

describe('the fold of the kept days', () => {
  it('adds every day before today, digits and all, and today never', async () => {
    await refresh('2026-11-18', [
      cost(1.5, { budget: 20, percentUsed: 7.5 }),
      { id: two, totalCost: 3, isUpgraded: false },
    ]);
    expect(memory.written.size).toBe(0);
    await refresh('2026-11-19', [cost(2.25, { budget: 20, percentUsed: 11.25 })]);
    await refresh('2026-11-20', [cost(9, { lastModifiedDate: '2026-10-31T05:00:00Z' }), { id: two, totalCost: 4 }]);
    await refresh('2026-11-21', [cost(10)]);
    const [index, ...lines] = print();
    expect(JSON.parse(index ?? '')).toMatchObject({
      schemaVersion: 1,
      month: '2026-11',
      days: [
        { date: '2026-11-18', list: 'daily/2026-11/2026-11-18T080000Z-HASH.ndjson.gz', period: '2026-11' },
        { date: '2026-11-19', list: 'daily/2026-11/2026-11-19T080000Z-HASH.ndjson.gz', period: '2026-11' },
        { date: '2026-11-20', list: 'daily/2026-11/2026-11-20T080000Z-HASH.ndjson.gz', period: '2026-11' },
      ],
    });
    expect(lines).toEqual([
      `{"rows":[["${one}",true],["${two}",false],["${two}",true]]}`,
      '{"date":"2026-11-18","period":"2026-11"}',
      '[0,1.5,7.5,20,"EUR"]',
      '[1,3,0,null,"EUR"]',
      '{"date":"2026-11-19","period":"2026-11"}',
      '[0,2.25,11.25,20,"EUR"]',
      '{"date":"2026-11-20","period":"2026-11"}',
      '[0,9,0,null,"EUR","2026-10"]',
      '[2,4,0,null,"EUR"]',
    ]);
    expect(rig.log.valuesOf('history.folded', 'days')).toEqual([1, 1, 1]);
  });

  it('takes the last list of a day', async () => {
    await refresh('2026-11-18', [cost(1)]);
    rig.advanceMinutes(120);
    rig.serve(() => Promise.resolve(createDownload([cost(2)])));
    await rig.refresh('timer', rig.log.call);
    await refresh('2026-11-19', [cost(3)]);
    expect(print()).toContain('[0,2,0,null,"EUR"]');
  });

  it('reads storage once a day and not again with every refresh', async () => {
    await refresh('2026-11-18', [cost(1)]);
    await refresh('2026-11-19', [cost(2)]);
    const before = memory.operations.length;
    rig.advanceMinutes(120);
    await rig.refresh('timer', rig.log.call);
    expect(memory.operations.slice(before).filter((each) => /listBlobs|readStart|replace/.test(each))).toEqual([]);
  });

  it.each(['listBlobs daily/', `readStart ${november}`, `replace ${november}`, 'readLines daily/'])(
    'publishes and warns once when it fails at %s, and catches up with the next refresh',
    async (step) => {
      await refresh('2026-11-18', [cost(1)]);
      restart('2026-11-19T08:00:00Z');
      memory.beforeEach((operation) => {
        if (operation.startsWith(step)) throw new DependencyError('StorageUnavailable', 'storage is down');
      });
      await refresh('2026-11-19', [cost(2)]);
      expect(rig.log.valuesOf('history.failed', 'code')).toEqual(['StorageUnavailable']);
      expect(memory.written.size).toBe(0);
      memory.beforeEach();
      await refresh('2026-11-20', [cost(3)]);
      expect(print().filter((line) => line.startsWith('['))).toEqual(['[0,1,0,null,"EUR"]', '[0,2,0,null,"EUR"]']);
    },
  );

  it('stops after a month when it has taken long, and the next refresh goes on with the month before', async () => {
    await refresh('2026-10-30', [cost(1)]);
    await refresh('2026-11-18', [cost(2)]);
    memory.written.clear();
    restart('2026-11-19T08:00:00Z');
    memory.beforeEach((operation) => {
      if (operation.startsWith('replace')) rig.advanceMinutes(1);
    });
    await refresh('2026-11-19', [cost(3)]);
    expect([...memory.written.keys()]).toEqual([november]);
    expect(rig.log.valuesOf('history.folded', 'isComplete')).toEqual([false]);
    rig.advanceMinutes(120);
    await rig.refresh('timer', rig.log.call);
    expect([...memory.written.keys()].toSorted()).toEqual(['history/2026-10.ndjson.gz', november]);
    expect(rig.log.valuesOf('history.folded', 'isComplete')).toEqual([false, true]);
  });

  it('overwrites no month that another process has written meanwhile', async () => {
    await refresh('2026-11-18', [cost(1)]);
    memory.beforeEach((operation) => {
      if (operation.startsWith('replace')) memory.written.set(november, { bytes: Buffer.from('other'), etag: '"x"' });
    });
    await refresh('2026-11-19', [cost(2)]);
    expect(memory.written.get(november)?.etag).toBe('"x"');
    expect(rig.log.events).toContainEqual(
      expect.objectContaining({ event: 'history.failed', blob: november, reason: 'conflict' }),
    );
  });

  it('leaves a gap and one warning for a damaged list', async () => {
    await refresh('2026-11-18', [cost(1)]);
    await refresh('2026-11-19', [cost(2)]);
    const damaged = [...memory.blobs.keys()].find((name) => name.startsWith('daily/2026-11/2026-11-19'));
    memory.blobs.set(damaged ?? '', Buffer.from('no record\n'));
    await refresh('2026-11-20', [cost(3)]);
    await refresh('2026-11-21', [cost(4)]);
    expect(print().filter((line) => line.startsWith('['))).toEqual(['[0,1,0,null,"EUR"]', '[0,3,0,null,"EUR"]']);
    expect(rig.log.valuesOf('history.day-missing', 'date')).toEqual(['2026-11-19']);
  });

  it('makes the same bytes day by day, in one go, and again after damage', async () => {
    restart('2026-11-01T08:00:00Z');
    for (let day = 1; day <= 30; day += 1) {
      await refresh(`2026-11-${String(day).padStart(2, '0')}`, createRows(day));
      if (day % 4 === 0) restart(new Date(rig.now()).toISOString());
    }
    await refresh('2026-12-01', createRows(31));
    const dayByDay = bytesOf();
    memory.written.clear();
    restart('2026-12-02T08:00:00Z');
    await refresh('2026-12-02', createRows(32));
    expect(bytesOf()).toBe(dayByDay);
    const etag = memory.written.get(november)?.etag ?? '';
    memory.written.set(november, { bytes: Buffer.from('no history'), etag });
    restart('2026-12-03T08:00:00Z');
    await refresh('2026-12-03', createRows(33));
    expect(bytesOf()).toBe(dayByDay);
    expect(rig.log.valuesOf('history.damaged', 'blob')).toEqual([november]);
  });

  it.each([
    ['index', (bytes: Buffer) => bytes.fill(0, 0, 60)],
    ['rows', (bytes: Buffer) => bytes.fill(0, findSecondMember(bytes) + 10, findSecondMember(bytes) + 30)],
    ['end', (bytes: Buffer) => bytes.subarray(0, -20)],
  ])('leaves a month with a damaged %s to the operator once a list of it is deleted', async (_, damage) => {
    restart('2026-11-01T08:00:00Z');
    for (const day of ['01', '02', '03', '04']) await refresh(`2026-11-${day}`, [cost(Number(day))]);
    const { bytes = Buffer.alloc(0), etag = '' } = memory.written.get(november) ?? {};
    memory.written.set(november, { bytes: damage(Buffer.from(bytes)), etag });
    const damaged = bytesOf();
    deleteList('2026-11-02');
    await refresh('2026-11-05', [cost(5)]);
    expect(bytesOf()).toBe(damaged);
    expect(rig.log.valuesOf('history.damaged', 'blob')).toContain(november);
    expect(rig.log.valuesOf('history.failed', 'code')).toEqual([]);
  });

  it.each([
    ['rows', (bytes: Buffer) => bytes.fill(0, findSecondMember(bytes) + 10, findSecondMember(bytes) + 30)],
    ['end', (bytes: Buffer) => bytes.subarray(0, -20)],
  ])('rebuilds a month with a damaged %s while every day of it is kept', async (_, damage) => {
    restart('2026-11-01T08:00:00Z');
    for (const day of ['01', '02', '03']) await refresh(`2026-11-${day}`, [cost(Number(day))]);
    const { bytes = Buffer.alloc(0), etag = '' } = memory.written.get(november) ?? {};
    memory.written.set(november, { bytes: damage(Buffer.from(bytes)), etag });
    await refresh('2026-11-04', [cost(4)]);
    expect(print().filter((line) => line.startsWith('['))).toEqual([1, 2, 3].map((n) => `[0,${n},0,null,"EUR"]`));
  });

  it('leaves a damaged month to the operator while a list of it is damaged too', async () => {
    restart('2026-11-01T08:00:00Z');
    for (const day of ['01', '02', '03']) await refresh(`2026-11-${day}`, [cost(Number(day))]);
    const { bytes = Buffer.alloc(0), etag = '' } = memory.written.get(november) ?? {};
    memory.written.set(november, { bytes: bytes.subarray(0, -20), etag });
    const damaged = bytesOf();
    const list = [...memory.blobs.keys()].find((name) => name.startsWith('daily/2026-11/2026-11-02'));
    memory.blobs.set(list ?? '', Buffer.from('no record\n'));
    await refresh('2026-11-04', [cost(4)]);
    expect(bytesOf()).toBe(damaged);
  });

  it('folds a month again when one of its days has another list by now', async () => {
    await refresh('2026-11-18', [cost(1)]);
    await refresh('2026-11-19', [cost(2)]);
    await refresh('2026-11-20', [cost(3)]);
    const later = createDownload([cost(5)]).snapshot.lines;
    memory.blobs.set('daily/2026-11/2026-11-18T230000Z-0123456789abcdef.ndjson.gz', later);
    await refresh('2026-11-21', [cost(4)]);
    expect(print().filter((line) => line.startsWith('['))).toEqual([
      '[0,5,0,null,"EUR"]',
      '[0,2,0,null,"EUR"]',
      '[0,3,0,null,"EUR"]',
    ]);
  });

  it('keeps what was folded of a list that is damaged by now, whatever asks for a rebuild', async () => {
    for (const day of ['18', '19', '20']) await refresh(`2026-11-${day}`, [cost(Number(day))]);
    const damaged = [...memory.blobs.keys()].find((name) => name.startsWith('daily/2026-11/2026-11-19'));
    memory.blobs.set(damaged ?? '', Buffer.from('no record\n'));
    const later = createDownload([cost(5)]).snapshot.lines;
    memory.blobs.set('daily/2026-11/2026-11-18T230000Z-0123456789abcdef.ndjson.gz', later);
    const many = Array.from({ length: 300 }, (_, number): TestRow => ({ id: `c${number}`, totalCost: number }));
    await refresh('2026-11-21', many);
    await refresh('2026-11-22', many.toReversed());
    const days = print().filter((line) => line.startsWith('{"date"') || line.startsWith('[0,'));
    expect(days).toEqual(
      [18, 19, 20, 21].flatMap((day) => [
        `{"date":"2026-11-${day}","period":"2026-11"}`,
        ...(day < 21 ? [`[0,${day},0,null,"EUR"]`] : []),
      ]),
    );
  });

  it('keeps what was folded when the lists are deleted', async () => {
    await refresh('2026-11-18', [cost(1)]);
    await refresh('2026-11-19', [cost(2)]);
    deleteList('2026-11-18');
    await refresh('2026-11-20', [cost(3)]);
    expect(print().filter((line) => line.startsWith('['))).toEqual(['[0,1,0,null,"EUR"]', '[0,2,0,null,"EUR"]']);
  });

  it('cuts a month into more blocks when the list has grown, as if it had been so from the first day', async () => {
    await refresh('2026-11-18', [cost(1)]);
    await refresh('2026-11-19', [cost(2)]);
    const many = Array.from({ length: 300 }, (_, number): TestRow => ({ id: `c${number}`, totalCost: number }));
    await refresh('2026-11-20', many);
    await refresh('2026-11-21', many.toReversed());
    const { blocks, days } = JSON.parse(print()[0] ?? '');
    expect(blocks).toHaveLength(5);
    expect(days).toHaveLength(3);
    const grown = bytesOf();
    memory.written.clear();
    restart('2026-11-21T10:00:00Z');
    rig.serve(() => Promise.resolve(createDownload(many)));
    await rig.refresh('timer', rig.log.call);
    expect(bytesOf()).toBe(grown);
  });
});

/** Rebuilds the months of the days before 2026-11-20. */
async function rebuild(): Promise<RebuiltMonth[]> {
  const rebuilt: RebuiltMonth[] = [];
  for await (const month of rebuildHistory(rig.deps, '2026-11-20', rig.log.call)) rebuilt.push(month);
  return rebuilt;
}

describe('the rebuild of the history', () => {
  it('makes the same bytes, and overwrites a damaged month although one of its lists is deleted', async () => {
    for (const day of ['18', '19', '20']) await refresh(`2026-11-${day}`, [cost(Number(day))]);
    const before = bytesOf();
    expect(await rebuild()).toEqual([{ month: '2026-11', days: 2, wasDamaged: false }]);
    expect(bytesOf()).toBe(before);
    memory.written.set(november, { bytes: Buffer.from('no history'), etag: memory.written.get(november)?.etag ?? '' });
    deleteList('2026-11-18');
    expect(await rebuild()).toEqual([{ month: '2026-11', days: 1, wasDamaged: true }]);
    expect(print().filter((line) => line.startsWith('['))).toEqual(['[0,19,0,null,"EUR"]']);
  });

  it('leaves a month alone whose bytes are all that is left of a day', async () => {
    for (const day of ['18', '19', '20']) await refresh(`2026-11-${day}`, [cost(Number(day))]);
    const before = bytesOf();
    deleteList('2026-11-18');
    expect(await rebuild()).toEqual([{ month: '2026-11', days: 0, wasDamaged: false }]);
    expect(bytesOf()).toBe(before);
  });
});
