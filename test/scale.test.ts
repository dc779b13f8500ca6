import { describe, expect, it } from 'vitest';
import { calculateCapacity } from '../docs/scale.ts';

describe('calculateCapacity', () => {
  it.each([
    // (512 - 220 - 235) MB at 2,900 bytes a record are 20,609 records.
    [512, 20_000],
    // (2048 - 220 - 235) MB at 2,900 bytes are 575,993.
    [2048, 575_000],
    // 512 MiB at 530 bytes are 1,012,963 records, fewer than the memory of 4 GB holds.
    [4096, 1_012_000],
  ])('is a whole thousand of records on %d MB', (instanceMb, records) => {
    expect(calculateCapacity(instanceMb)).toBe(records);
  });
});
