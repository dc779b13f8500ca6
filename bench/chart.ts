import type { Row } from './table.ts';

const series: Readonly<Record<string, string>> = {
  page: '#4c78a8',
  filtered: '#f58518',
  sorted: '#54a24b',
  'filtered by naive': '#e45756',
  'filtered by cachified': '#b279a2',
  'filtered by cacheable': '#9d755d',
  'filtered by undici-cache': '#bab0ac',
};
const [width, height] = [720, 420];
const plot = { left: 60, right: 530, top: 40, bottom: 370 };

/** Draws CPU time a page against the number of records, the app's beside the baselines', both axes logarithmic, as an SVG. */
export function drawChart(rows: readonly Row[]): string {
  const drawn = rows.filter(({ group, name }) => group === 'CPU a request' && name in series);
  const unique = [...new Map(drawn.map((row) => [`${row.name} ${row.records}`, row])).values()];
  const x = createScale(
    unique.map(({ records }) => records),
    plot.left,
    plot.right,
  );
  const y = createScale(
    unique.map(({ value }) => value.median),
    plot.bottom,
    plot.top,
  );
  const lines = Object.entries(series).map(([name, color], index) => {
    const points = unique
      .filter((row) => row.name === name)
      .toSorted((one, other) => one.records - other.records)
      .map(({ records, value }) => [x.place(records), y.place(value.median)] as const);
    const dots = points.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="3.5" fill="${color}"/>`).join('');
    const path = points.map((point) => point.join(',')).join(' ');
    const label = `<text x="${plot.right + 34}" y="${plot.top + 24 * index + 4}">${name}</text>`;
    const key = `<circle cx="${plot.right + 22}" cy="${plot.top + 24 * index}" r="5" fill="${color}"/>`;
    return `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"/>${dots}${key}${label}`;
  });
  const columns = x.ticks.map(
    (tick) =>
      `<path d="M${x.place(tick)} ${plot.top}V${plot.bottom}" class="grid"/>` +
      `<text x="${x.place(tick)}" y="${plot.bottom + 18}" text-anchor="middle">${formatTick(tick)}</text>`,
  );
  const levels = y.ticks.map(
    (tick) =>
      `<path d="M${plot.left} ${y.place(tick)}H${plot.right}" class="grid"/>` +
      `<text x="${plot.left - 6}" y="${y.place(tick) + 4}" text-anchor="end">${formatTick(tick)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">
<style>.grid{stroke:#ddd}text{fill:#333}</style>
<rect width="${width}" height="${height}" fill="#fff"/>
<text x="${plot.left}" y="22" font-size="14">CPU milliseconds a request, by number of records</text>
${[...columns, ...levels, ...lines].join('\n')}
<text x="${(plot.left + plot.right) / 2}" y="${height - 12}" text-anchor="middle">records</text>
</svg>
`;
}

/** A logarithmic scale over all values, with a tick at each power of ten. */
function createScale(values: readonly number[], from: number, to: number) {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(Math.ceil(Math.log10(Math.max(...values))), low + 1);
  return {
    place: (value: number) => Math.round(from + ((Math.log10(value) - low) / (high - low)) * (to - from)),
    ticks: Array.from({ length: high - low + 1 }, (_, power) => 10 ** (low + power)),
  };
}

function formatTick(value: number): string {
  return value >= 1 ? String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, ' ') : String(Number(value.toPrecision(1)));
}
