import { describe, expect, it } from 'vitest';
import { calculateCapacity } from '../docs/scale.ts';

describe('calculateCapacity', () => {
  it.each([
    // (512 - 220 - 235) MB at 2,900 bytes a record, and 810 for an earlier day, are 16,110 records.
    [512, 16_000],
    // (2048 - 220 - 235) MB at 3,710 bytes are 450,237.
    [2048, 450_000],
    // 512 MiB at 530 bytes are 1,012,963 records, fewer than the memory of 4 GB holds.
    [4096, 1_012_000],
  ])('is a whole thousand of records on %d MB', (instanceMb, records) => {
    expect(calculateCapacity(instanceMb)).toBe(records);
  });
});
