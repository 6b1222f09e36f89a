import { loadavg } from 'node:os';

/** One line per figure; `limit` is what the bare machine did in the same run, `ratio` the figure against it. */
export function printFigure(bench, figure, value, unit, limit) {
  const round = (number) => Number(number.toPrecision(4));
  const beside = limit === undefined ? {} : { limit: round(limit), ratio: Number((value / limit).toFixed(3)) };
  console.log(JSON.stringify({ bench, figure, value: round(value), unit, ...beside, load: loadavg().map((load) => Number(load.toFixed(2))) }));
}

/** The value below which the share `quantile` of them lies. */
export function quantileOf(values, quantile) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * quantile))];
}

export function median(values) {
  return quantileOf(values, 0.5);
}
