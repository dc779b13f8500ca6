import { gunzipSync } from 'node:zlib';
import { UnreadableBlobError } from '../errors.ts';
import { addDays, getDayBefore, listDays, listMonths } from '../history/days.ts';
import { readBlock } from '../history/month-lines.ts';
import { createRecentCosts, recentDays } from '../history/recent-costs.ts';
import type { RecentCostsByRow } from '../history/recent-costs.ts';
import type { OperationContext } from '../context.ts';
import { runInTurns } from '../turns.ts';
import type { ChunkedWork } from '../turns.ts';
import { blobNames } from './blob-names.ts';
import type { FoldDeps } from './fold-history.ts';
import { catchUnreadable } from './load-blobs.ts';
import { parseMonthFile } from './month-file.ts';
import type { MonthFile } from './month-file.ts';

/**
 * What every row has spent on its last known days before the UTC day `today`, from the history; `today` must be folded up to the day
 * before. Reads two months at most, so keep the result for the day. A damaged month is logged and counts as missing.
 */
export async function readRecentCosts(
  { months, yieldToEventLoop }: Pick<FoldDeps, 'months' | 'yieldToEventLoop'>,
  today: string,
  context: OperationContext,
): Promise<RecentCostsByRow> {
  const from = addDays(today, -recentDays);
  const recent = createRecentCosts(today);
  for (const month of listMonths(listDays(from, getDayBefore(today)))) {
    const blob = blobNames.history(month);
    const stored = await months.readStart(blob, { maxBytes: Infinity }, context);
    if (stored === undefined) continue;
    const read = async () =>
      runInTurns(addRecentDays(recent, await parseMonthFile(stored.bytes), from), yieldToEventLoop);
    const added = await catchUnreadable(read());
    if (added instanceof UnreadableBlobError) context.log('history.damaged', { blob, reason: added.reason });
  }
  return recent.build();
}

/** Reading this many blocks takes a few milliseconds. */
const blocksPerTurn = 8;

function* addRecentDays(
  recent: ReturnType<typeof createRecentCosts>,
  file: MonthFile,
  from: string,
): ChunkedWork<void> {
  for (const [position, { rows, days }] of file.blocks.entries()) {
    const text = gunzipSync(Buffer.concat([rows, ...days])).toString();
    for (const rowDay of readBlock(text, () => true)) if (rowDay.date >= from) recent.add(rowDay);
    if (position % blocksPerTurn === 0) yield;
  }
}
