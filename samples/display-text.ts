const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** Characters without a width of their own. */
const invisible = /^[\p{M}\p{Cf}]+$/u;
/** East Asian Wide and Fullwidth (Unicode, annex 11), by blocks, and emoji. */
const wide =
  /^(?:[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{16FE0}-\u{18D08}\u{1B000}-\u{1B2FF}\u{20000}-\u{3FFFD}]|\p{Emoji_Presentation})|\uFE0F/u;
/** Characters that move the cursor, set colours or change the text direction. */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** The text on one line, safe for a terminal: control characters become `\uFFFD`. */
export function toPrintable(text: string): string {
  return text.toWellFormed().replaceAll(unprintable, '\uFFFD');
}

/** How many columns of a terminal a printable text takes. */
export function measureWidth(text: string): number {
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += measureGrapheme(segment);
  return width;
}

/** The text, cut at a whole character and ended by `…` if it is wider than `width` columns. */
export function truncate(text: string, width: number): string {
  if (measureWidth(text) <= width) return text;
  let cut = '';
  let left = width - 1;
  for (const { segment } of graphemes.segment(text)) {
    left -= measureGrapheme(segment);
    if (left < 0) break;
    cut += segment;
  }
  return `${cut}…`;
}

/** The text padded with spaces to `width` columns. */
export function padToWidth(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - measureWidth(text)));
}

function measureGrapheme(grapheme: string): number {
  if (invisible.test(grapheme)) return 0;
  return wide.test(grapheme) ? 2 : 1;
}
