/** A picture of runs: evaluation returns against environment steps, as SVG. */
import type { EvaluationMetrics } from '@gymwire/agent-sdk/parts';

export interface Curve {
  /** Name in the legend. */
  readonly name: string;
  /** In the order of envSteps. */
  readonly evaluations: readonly Pick<EvaluationMetrics, 'envSteps' | 'meanReturn' | 'stdReturn'>[];
}

export interface CurveOptions {
  readonly title: string;
  /** A line to reach, with its label. */
  readonly goal?: Goal;
}

interface Goal {
  readonly value: number;
  readonly label: string;
}

const fontSize = 16;
const colours = ['#1f5fa8', '#d1762a', '#3d8f4e', '#8a4fa3', '#b03a48'];

/**
 * One line a run: the mean return of each evaluation, in a band of one standard deviation.
 * @returns SVG
 */
export async function drawLearningCurves(
  curves: readonly Curve[],
  { title, goal }: CurveOptions,
): Promise<string> {
  // Loaded when it is needed: the library is large, and most commands draw nothing.
  const { init } = await import('echarts');
  // As wide as a page's text, so that its words are as large there; and readable on a phone, at half of that.
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: 660, height: 430 });
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: { text: title, left: 'center', textStyle: { fontSize: 18 } },
    legend: { bottom: 4, data: curves.map(({ name }) => name), textStyle: { fontSize } },
    grid: { left: 92, right: 32, top: 50, bottom: 96 },
    xAxis: {
      type: 'value',
      axisLine: { onZero: false },
      name: 'environment steps',
      nameLocation: 'middle',
      nameGap: 34,
      nameTextStyle: { fontSize },
      axisLabel: { fontSize },
    },
    yAxis: {
      type: 'value',
      name: 'return, ± 1 standard deviation',
      nameLocation: 'middle',
      nameGap: 66,
      nameTextStyle: { fontSize },
      axisLabel: { fontSize },
      scale: true,
    },
    series: curves.flatMap((curve, i) =>
      seriesOf(curve, colours[i % colours.length], i === 0 ? goal : undefined),
    ),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

function seriesOf({ name, evaluations }: Curve, color: string, goal: Goal | undefined) {
  const points = (of: (meanReturn: number, stdReturn: number) => number) =>
    evaluations.map((e) => [e.envSteps, Number(of(e.meanReturn, e.stdReturn).toFixed(2))]);
  const area = {
    type: 'line',
    stack: name,
    symbol: 'none',
    silent: true,
    lineStyle: { opacity: 0 },
  } as const;
  return [
    // The band is what is stacked on its lower edge.
    { ...area, stackStrategy: 'all', data: points((m, s) => m - s) },
    { ...area, stackStrategy: 'all', data: points((_, s) => 2 * s), areaStyle: { color, opacity: 0.15 } },
    {
      name,
      type: 'line',
      symbolSize: 5,
      lineStyle: { width: 2, color },
      itemStyle: { color },
      data: points((m) => m),
      ...(goal === undefined ? {} : { markLine: goalLine(goal) }),
    },
  ] as const;
}

function goalLine({ value, label }: Goal) {
  return {
    silent: true,
    symbol: 'none',
    lineStyle: { color: '#c0392b', type: 'dashed' },
    label: { formatter: label, position: 'insideStartTop', color: '#c0392b', fontSize },
    data: [{ yAxis: value }],
  } as const;
}
