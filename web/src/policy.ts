// What-if on a policy's text: every rate times (1 + percent/100), kept to a thousandth of a percent.
export function scaled(yaml: string, percent: number): string {
  if (percent === 0) return yaml;
  return yaml.replace(/(rate: *["']?)(\d+(?:\.\d+)?)(%["']?)/g, (_, head: string, rate: string, tail: string) =>
    head + String(Math.round(Number(rate) * (100 + percent) * 10) / 1000) + tail);
}
