import { init } from 'echarts';
import type { Run } from './read-run.ts';

const colours = ['#1f5fa8', '#d1762a', '#3d8f4e', '#8a4fa3', '#b03a48'];

/** One line a seed: mean return of each evaluation, a band of one standard deviation around it. SVG. */
export function drawReturns(title: string, runs: readonly Run[]): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: 860, height: 480 });
  const names = runs.map(({ options }) => `seed ${options.seed}`);
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: { text: title, left: 'center', textStyle: { fontSize: 16 } },
    legend: { bottom: 4, data: names },
    grid: { left: 80, right: 40, top: 56, bottom: 84 },
    xAxis: {
      type: 'value',
      axisLine: { onZero: false },
      name: 'environment steps',
      nameLocation: 'middle',
      nameGap: 30,
    },
    yAxis: { type: 'value', name: 'return of 10 episodes', nameLocation: 'middle', nameGap: 56, scale: true },
    series: runs.flatMap((run, i) => seriesOf(run, names[i], colours[i % colours.length])),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

function seriesOf({ evaluations }: Run, name: string, color: string) {
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
    },
  ] as const;
}
