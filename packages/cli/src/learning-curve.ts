/** A picture of a run: evaluation returns against environment steps, as SVG. */
import type { EvaluationMetrics } from '@gymwire/agent-sdk';

export interface CurveOptions {
  readonly title: string;
  /** A line to reach, with its label. */
  readonly goal?: Goal;
}

interface Goal {
  readonly value: number;
  readonly label: string;
}

/** @param evaluations in the order of envSteps */
export async function drawLearningCurve(
  evaluations: readonly EvaluationMetrics[],
  { title, goal }: CurveOptions,
): Promise<string> {
  // Loaded when it is needed: the library is large, and most commands draw nothing.
  const { init } = await import('echarts');
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: 860, height: 480 });
  const band = (sign: 1 | -1) =>
    evaluations.map((e) => [e.envSteps, Number((e.meanReturn + sign * e.stdReturn).toFixed(2))]);
  const thin = {
    type: 'line',
    symbol: 'none',
    lineStyle: { width: 1, type: 'dotted', color: '#7aa6d8' },
    itemStyle: { color: '#7aa6d8' },
  } as const;
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: { text: title, left: 'center', textStyle: { fontSize: 16 } },
    legend: { bottom: 4, data: ['mean', '± 1 standard deviation'] },
    grid: { left: 80, right: 40, top: 56, bottom: 84 },
    xAxis: {
      type: 'value',
      axisLine: { onZero: false },
      name: 'environment steps',
      nameLocation: 'middle',
      nameGap: 30,
    },
    yAxis: {
      type: 'value',
      name: 'return of an evaluation',
      nameLocation: 'middle',
      nameGap: 56,
      scale: true,
    },
    series: [
      { ...thin, name: '± 1 standard deviation', data: band(1) },
      { ...thin, name: '± 1 standard deviation', data: band(-1) },
      {
        name: 'mean',
        type: 'line',
        symbolSize: 6,
        lineStyle: { width: 2.5, color: '#1f5fa8' },
        itemStyle: { color: '#1f5fa8' },
        data: evaluations.map((e) => [e.envSteps, Number(e.meanReturn.toFixed(2))]),
        ...(goal === undefined ? {} : { markLine: goalLine(goal) }),
      },
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

function goalLine({ value, label }: Goal) {
  return {
    silent: true,
    symbol: 'none',
    lineStyle: { color: '#c0392b', type: 'dashed' },
    label: { formatter: label, position: 'insideEndTop', color: '#c0392b' },
    data: [{ yAxis: value }],
  } as const;
}
