// A small line without axes; what it shows stands beside it as a figure.
export function Spark({ values }: { values: number[] }) {
  if (values.length < 2) return null;
  const top = Math.max(...values), low = Math.min(0, ...values), span = top - low || 1;
  const points = values.map((v, i) => `${((i * 120) / (values.length - 1)).toFixed(1)},${(30 - ((v - low) / span) * 28).toFixed(1)}`);
  return (
    <svg class="spark" viewBox="0 0 120 32" preserveAspectRatio="none" aria-hidden="true">
      <polyline points={points.join(" ")} vector-effect="non-scaling-stroke" />
    </svg>
  );
}
