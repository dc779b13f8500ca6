/**
 * What one record and the process itself take, measured by `npm run bench` (bench/results.md) and rounded up. CPU is that of the
 * machine named there.
 */
const measured = {
  /** Of a record as Partner Center sends it, decoded. */
  bodyBytes: 530,
  /** The app's process with 250 records, under load. */
  processMb: 235,
  /** Peak memory that each further record adds, while a refresh and reads go on. */
  peakBytes: 2900,
  /** A record of an earlier day that is read meanwhile: three days of 100 000 generated records took 231 MB. */
  keptBytes: 810,
  /** Of a refresh whose list has changed. */
  refreshCpuMsPerThousand: 28,
};

/** What Microsoft's host takes beside the app, at least. */
const hostMb = 220;
/** The limit of all pages together, decoded (shared/partner-center/usage-records.ts). */
const maxBodyMb = 512;
const megabyte = 1024 * 1024;

/** Customers whose list fits an instance of this memory, or the limit of a list if that is lower. */
export function calculateCapacity(instanceMb: number): number {
  const byMemory = ((instanceMb - hostMb - measured.processMb) * megabyte) / (measured.peakBytes + measured.keptBytes);
  const byLimit = (maxBodyMb * megabyte) / measured.bodyBytes;
  return Math.floor(Math.min(byMemory, byLimit) / 1000) * 1000;
}

/** Rows of the scale table: instance, records, seconds of CPU of a refresh, and what breaks first beyond them. */
export function listScale(): string[][] {
  return [512, 2048, 4096].map((instanceMb) => {
    const records = calculateCapacity(instanceMb);
    const isMemory = records < Math.floor((maxBodyMb * megabyte) / measured.bodyBytes / 1000) * 1000;
    const seconds = (records / 1000) * (measured.refreshCpuMsPerThousand / 1000);
    return [
      `${instanceMb} MB`,
      records.toLocaleString('en'),
      `${seconds.toFixed(1)} s`,
      isMemory ? 'Memory, while a refresh and an earlier day are read' : `The limit of ${maxBodyMb} MiB for one list`,
    ];
  });
}
