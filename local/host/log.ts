/** The runtime's levels, lowest first. */
export const logLevels = ['trace', 'debug', 'information', 'warning', 'error', 'critical', 'none'] as const;

export type LogLevel = (typeof logLevels)[number];

export type LogLine = {
  readonly level: LogLevel;
  readonly category: string;
  readonly message: string;
  readonly functionName?: string;
  readonly invocationId?: string;
};

export type HostLog = (line: LogLine) => void;

export type HostLogOptions = {
  readonly level: LogLevel;
  readonly format: 'text' | 'json';
  readonly write: (line: string) => void;
};

/** A log that writes one line an entry, as text or JSON, from `level` up. */
export function createHostLog({ level, format, write }: HostLogOptions): HostLog {
  const lowest = logLevels.indexOf(level);
  return (line) => {
    if (line.level !== 'none' && logLevels.indexOf(line.level) >= lowest) write(formatLine(line, format));
  };
}

/**
 * A log that leaves out what host.json keeps quiet: levels above information, by the longest prefix of a category. More detail than
 * host.json asks for is for `--log` to choose.
 */
export function keepQuiet(log: HostLog, levels: Readonly<Record<string, LogLevel>>): HostLog {
  const prefixes = Object.keys(levels).toSorted((one, other) => other.length - one.length);
  return (line) => {
    const prefix = prefixes.find((each) => line.category.startsWith(each)) ?? 'default';
    const lowest = logLevels.indexOf(levels[prefix] ?? 'information');
    const isQuiet = lowest > logLevels.indexOf('information') && logLevels.indexOf(line.level) < lowest;
    if (!isQuiet) log(line);
  };
}

/** One entry as text, without the line end. */
export function formatLine(line: LogLine, format: 'text' | 'json'): string {
  const time = new Date().toISOString();
  const { level, category, message, functionName, invocationId } = line;
  if (format === 'text') return `${time} ${level} ${category} ${message}`;
  return JSON.stringify({ time, level, category, function: functionName, invocationId, message });
}

/** The text of a thrown value, with its stack if it has one. */
export function describeThrown(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
