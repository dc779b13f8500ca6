import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { app } from '@azure/functions';

/** A blob of the app's container by name. */
export type ReadBlob = (name: string) => Promise<Buffer>;

/** The function app that a first page needs at least: it reads the pointer and the list that it names, and cuts out 50 lines. */
export function registerFirstPage(readBlob: ReadBlob): void {
  const handler = async () => {
    const { snapshot } = JSON.parse((await readBlob('current.json')).toString());
    const lines = await promisify(gunzip)(await readBlob(snapshot.blob));
    return { body: `{"value":[${cutPage(lines).toString().split('\n').join(',')}]}` };
  };
  app.http('first-page', { authLevel: 'function', route: 'first-page', handler });
}

function cutPage(lines: Buffer): Buffer {
  let end = -1;
  for (let line = 0; line < 50; line += 1) end = lines.indexOf('\n', end + 1);
  return lines.subarray(0, end);
}
