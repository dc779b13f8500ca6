import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import type { Answer } from '../../local/cloud/http.ts';
import type { CallObserver } from './call-watch.ts';

/** A list that Partner Center sent in full; `items` are its records without the spaces between members, and with commas between records. */
export type ServedList = { readonly servedAt: number; readonly items: string };

const envelope = z.looseObject({ links: z.looseObject({ next: z.unknown().optional() }) });

/** Remembers every list that Partner Center served in full, on one page or several, as the app was sent it. */
export function createServedLists(): CallObserver & {
  /** The newest one that was served by this time. */
  readonly find: (fetchedAt: number) => ServedList | undefined;
  /** All of them, oldest first. */
  readonly all: readonly ServedList[];
} {
  const lists: ServedList[] = [];
  const texts = new Map<string, string>();
  const pages = new Map<string, readonly string[]>();

  return {
    all: lists,
    find: (fetchedAt) => lists.findLast(({ servedAt }) => servedAt <= fetchedAt),
    answered({ service, exchange, answer, endedAt }) {
      if (service !== 'partner-center' || answer.status !== 200 || answer.ending !== undefined) return;
      const page = readPage(answer);
      if (page === undefined) return;
      const refresh = String(exchange.headers['ms-correlationid']);
      const isFirst = !exchange.url.searchParams.has('seekOperation');
      const parts = [...(isFirst ? [] : (pages.get(refresh) ?? [])), page.items];
      pages.set(refresh, parts);
      if (page.hasNext) return;
      const items = parts.filter((part) => part !== '').join(',');
      // Equal lists share one text: a story serves the same one for a day.
      if (!texts.has(items)) texts.set(items, items);
      lists.push({ servedAt: endedAt, items: texts.get(items) ?? items });
    },
  };
}

/** The records of a list, each as it stands in the text. */
export function splitRecords(items: string): readonly string[] {
  return items === '' ? [] : items.split(/,(?=\{"budget":)/);
}

function readPage({
  body = '',
  headers = {},
}: Answer): { readonly items: string; readonly hasNext: boolean } | undefined {
  try {
    const isGzip = headers['content-encoding'] === 'gzip';
    const text = String(isGzip ? gunzipSync(body) : body).replace(/^\ufeff/, '');
    const { next } = envelope.parse(JSON.parse(text)).links;
    const compact = text.replaceAll(/("(?:[^"\\]|\\.)*")|\s+/g, '$1');
    const start = compact.indexOf('"items":[') + '"items":['.length;
    return { items: compact.slice(start, compact.lastIndexOf('],"links":')), hasNext: next !== undefined };
  } catch {
    return undefined;
  }
}
