export type { Clock } from './clock.ts';
export { type Robot, startRobot } from './robot.ts';
export type {
  CommandKind,
  CreateRobotDriver,
  RobotDriver,
  RobotDriverModule,
  RobotResetContext,
  RobotSample,
} from './robot-driver.ts';
export type { RobotEvent } from './robot-messages.ts';
export type { RobotOptions, RobotStep, RobotVerdict } from './robot-options.ts';
