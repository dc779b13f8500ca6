import { createJsonWalk, skipValue, walkMembers } from './json-walk.ts';

/** The JSON text of each member of an object, as it stands in the bytes; of a name given twice the last, as JSON.parse has it. */
export function memberTextsOf(object: Buffer): ReadonlyMap<string, string> {
  const walk = createJsonWalk(object);
  const texts = new Map<string, string>();
  walkMembers(walk, (keyStart, keyEnd) => {
    const start = walk.at;
    skipValue(walk);
    // A key may be escaped, so it is parsed rather than compared.
    texts.set(String(JSON.parse(object.toString('utf8', keyStart, keyEnd))), object.toString('utf8', start, walk.at));
  });
  return texts;
}
