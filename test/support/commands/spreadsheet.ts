import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from './programs.ts';

/** LibreOffice; empty where it is missing. */
export const office = findProgram('soffice', 'libreoffice') ?? '';

/** Opens CSV with commas as a spreadsheet with every column as text, saves it as xlsx, opens that and saves it as CSV. */
export async function passThroughOffice(csv: string, columns: number): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'usage-csv-'));
  const profile = `-env:UserInstallation=file://${folder}/profile`;
  const convert = async (to: string, outdir: string, ...from: string[]) =>
    promisify(execFile)(office, [profile, '--headless', '--convert-to', to, '--outdir', outdir, ...from]);
  try {
    const file = path.join(folder, 'usage.csv');
    await writeFile(file, csv);
    const asText = Array.from({ length: columns }, (_, column) => `${column + 1}/2`).join('/');
    const filter = 'Text - txt - csv (StarCalc)';
    await convert('xlsx', folder, `--infilter=${filter}:44,34,76,1,${asText}`, file);
    const back = path.join(folder, 'back');
    await convert(`csv:${filter}:44,34,76,1,,0,true,true`, back, path.join(folder, 'usage.xlsx'));
    return await readFile(path.join(back, 'usage.csv'), 'utf8');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
