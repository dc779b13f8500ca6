const rowsPerTurn = 1024;

/**
 * The rows from 0 to `count - 1` in the order of `compare`, equal ones ascending. Other requests are answered in between: comparing
 * a hundred thousand names takes a second.
 */
export async function sortInTurns(
  count: number,
  compare: (one: number, other: number) => number,
  yieldToEventLoop: () => Promise<void>,
): Promise<Uint32Array> {
  let from = Uint32Array.from({ length: count }, (_, row) => row);
  for (let start = 0; start < count; start += rowsPerTurn) {
    from.subarray(start, start + rowsPerTurn).sort(compare);
    await yieldToEventLoop();
  }
  for (let length = rowsPerTurn; length < count; length *= 2) {
    const to = new Uint32Array(count);
    for (let start = 0; start < count; start += 2 * length) {
      const middle = Math.min(start + length, count);
      const end = Math.min(start + 2 * length, count);
      let [left, right] = [start, middle];
      for (let at = start; at < end; at += 1) {
        const [one, other] = [Number(from[left]), Number(from[right])];
        const isLeftNext = right >= end || (left < middle && compare(one, other) <= 0);
        to[at] = isLeftNext ? one : other;
        if (isLeftNext) left += 1;
        else right += 1;
        if (at % rowsPerTurn === 0) await yieldToEventLoop();
      }
    }
    from = to;
  }
  return from;
}
