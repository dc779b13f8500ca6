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

/** True for the name of a level. */
export function isLogLevel(text: unknown): text is LogLevel {
  return logLevels.some((level) => level === text);
}

/** A log of one line an entry, for people or as JSON, that leaves out what is below `level`. */
export function createHostLog({ level, format, write }: HostLogOptions): HostLog {
  const lowest = logLevels.indexOf(level);
  return (line) => {
    if (line.level !== 'none' && logLevels.indexOf(line.level) >= lowest) write(lineOf(line, format));
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
export function lineOf(line: LogLine, format: 'text' | 'json'): string {
  const time = new Date().toISOString();
  const { level, category, message, functionName, invocationId } = line;
  if (format === 'text') return `${time} ${level} ${category} ${message}`;
  return JSON.stringify({ time, level, category, function: functionName, invocationId, message });
}

/** What a thrown value has to say, with its stack where it has one. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
