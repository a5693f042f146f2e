export { type Curve, type CurveOptions, drawLearningCurves } from './learning-curve.ts';
export { main } from './main.ts';
