import { ascii } from '../snapshot/json-scan.ts';
import type { Member } from '../snapshot/record-scan.ts';
import { findFigure, findValue } from '../snapshot/record-values.ts';
import type { ScannedRecord } from '../snapshot/record-values.ts';
import { mayStartFormula } from './formula-guard.ts';

/** Bytes of CSV under construction: cells are written one behind the other. There must be room. */
export type CsvOutput = { readonly bytes: Buffer; length: number };

/** Copies bytes. A loop, because a call of `copy` costs more than the few bytes of a cell. */
export function writeBytes(out: CsvOutput, bytes: Uint8Array, start = 0, end = bytes.length): void {
  const { bytes: target } = out;
  let to = out.length;
  for (let at = start; at < end; at += 1) target[to++] = Number(bytes[at]);
  out.length = to;
}

/** Writes a text of ASCII characters. */
export function writeAscii(out: CsvOutput, text: string): void {
  const { bytes } = out;
  let to = out.length;
  for (let at = 0; at < text.length; at += 1) bytes[to++] = text.charCodeAt(at);
  out.length = to;
}

/** Writes any text. */
export function writeText(out: CsvOutput, text: string): void {
  out.length += out.bytes.write(text, out.length);
}

/** Up to here a double has at least two decimals. */
const mostHundredths = 1e15;

/** Writes a number that was rounded to two decimals, as `String` does, and nothing for NaN. */
export function writeTwoDecimals(out: CsvOutput, value: number): void {
  if (Number.isNaN(value)) return;
  const hundredths = Math.round(value * 100);
  if (!(hundredths > 0 && hundredths < mostHundredths)) return writeAscii(out, String(value));
  const whole = Math.trunc(hundredths / 100);
  const fraction = hundredths - whole * 100;
  writeWhole(out, whole);
  if (fraction === 0) return;
  out.bytes[out.length++] = ascii.dot;
  out.bytes[out.length++] = ascii.zero + Math.trunc(fraction / 10);
  if (fraction % 10 !== 0) out.bytes[out.length++] = ascii.zero + (fraction % 10);
}

function writeWhole(out: CsvOutput, value: number): void {
  let digits = 1;
  for (let rest = value; rest >= 10; rest /= 10) digits += 1;
  let rest = value;
  for (let at = out.length + digits - 1; at >= out.length; at -= 1) {
    const next = Math.trunc(rest / 10);
    out.bytes[at] = ascii.zero + (rest - next * 10);
    rest = next;
  }
  out.length += digits;
}

const space = 0x20;
const firstNonAscii = 0x80;
const needsQuotes = 1;
const isEscape = 2;
const isUpperCase = 4;
const isBeyondAscii = 8;

/** What the bytes of a JSON string ask of its cell, as bits. */
const traitsByByte = new Uint8Array(256).fill(isBeyondAscii, firstNonAscii).fill(isUpperCase, 0x41, 0x5b);
for (const byte of Buffer.from(',;')) traitsByByte[byte] = needsQuotes;
traitsByByte[ascii.backslash] = isEscape;
/** Any case as it is. */
export const asWritten = isEscape;
/** Texts that have no upper case. */
export const inLowerCase = isEscape | isUpperCase | isBeyondAscii;
/** First bytes of characters that are no blanks. Each of these five begins a blank outside of ASCII. */
const plainEdges = new Uint8Array(256).fill(1, space + 1);
for (const byte of [0xc2, 0xe1, 0xe2, 0xe3, 0xef]) plainEdges[byte] = 0;

/**
 * Writes the member's text. False, and nothing is written, where bytes do not tell how: when it has one of the `refused` traits, may
 * begin or end with a blank, or may begin like a formula.
 */
export function tryWriteText(out: CsvOutput, record: ScannedRecord, member: Member, refused: number): boolean {
  const { bytes } = record;
  const { start, end } = findValue(record, member);
  if (start === end || bytes[start] !== ascii.quote) return true;
  const [from, to] = [start + 1, end - 1];
  if (from === to) return true;
  const first = Number(bytes[from]);
  if (plainEdges[first] !== 1 || mayStartFormula(first)) return false;
  if (plainEdges[Number(bytes[findLastCharacter(bytes, to)])] !== 1) return false;
  let traits = 0;
  for (let at = from; at < to; at += 1) traits |= Number(traitsByByte[Number(bytes[at])]);
  if ((traits & refused) !== 0) return false;
  const isQuoted = (traits & needsQuotes) !== 0;
  if (isQuoted) out.bytes[out.length++] = ascii.quote;
  writeBytes(out, bytes, from, to);
  if (isQuoted) out.bytes[out.length++] = ascii.quote;
  return true;
}

/** Where the character before `end` begins. */
function findLastCharacter(bytes: Buffer, end: number): number {
  let at = end - 1;
  while ((Number(bytes[at]) & 0xc0) === 0x80) at -= 1;
  return at;
}

/** Writes the member's figure as Partner Center wrote it; nothing when it is missing or no number. */
export function writeFigure(out: CsvOutput, record: ScannedRecord, member: Member): void {
  const { start, end } = findFigure(record, member);
  writeBytes(out, record.bytes, start, end);
}
