import type { EnvRegistration } from '@gymwire/env';
import { createMountainCarContinuous, mountainCarContinuousSpec } from './mountain-car-continuous.ts';
import { createPendulum, pendulumSpec } from './pendulum.ts';

/** Gymnasium's continuous classics, bit for bit. */
export const classicEnvs: readonly EnvRegistration[] = [
  {
    ...pendulumSpec,
    description: 'Swing a pendulum up and hold it there by torque.',
    arguments: [
      {
        name: 'g',
        type: 'float',
        defaultValue: 10,
        minimum: -1e3,
        maximum: 1e3,
        description: 'gravity in m/s²',
      },
    ],
    make: (args) => createPendulum({ g: args.number('g') }),
  },
  {
    ...mountainCarContinuousSpec,
    description: 'Drive an underpowered car up a hill by swinging between two.',
    arguments: [
      {
        name: 'goal_velocity',
        type: 'float',
        defaultValue: 0,
        minimum: -1,
        maximum: 1,
        description: 'least velocity at which arriving counts',
      },
    ],
    make: (args) => createMountainCarContinuous({ goalVelocity: args.number('goal_velocity') }),
  },
];
