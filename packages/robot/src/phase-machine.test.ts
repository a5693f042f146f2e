/** The machine by itself: events in, commands and answers out, and nothing else in the world. */
import { expect, it } from 'vitest';
import { PhaseMachine, type PhaseOutput, type Sensor } from './phase-machine.ts';
import { LoopRig } from './testing/fake-robot.ts';

const { settings } = new LoopRig();
const blind: Sensor = {
  values: Float64Array.of(0, 0),
  cameAtMs: 20,
  isFreshAt: () => false,
  describeAt: () => 'very old',
};
const seeing: Sensor = { ...blind, isFreshAt: () => true };

const brief = (outputs: readonly PhaseOutput[]) =>
  outputs.map((output) => {
    if (output.kind === 'command') return `${output.as} ${output.command.join(' ')}`;
    if (output.kind === 'answer') return `answer ${output.id}, ${output.outcome.isOver ? 'over' : 'goes on'}`;
    return output.kind === 'tell' ? output.event.kind : output.kind;
  });

/** A reset at 0, through at 10, and over with the sample that came at 20. */
function readyMachine(sensor: Sensor): PhaseMachine {
  const machine = new PhaseMachine(settings, sensor);
  machine.prepareReset(false);
  machine.beginReset(1, 0);
  machine.endReset(10);
  machine.beginTick(1);
  machine.tick(20);
  return machine;
}

it('says what is to be done, tick by tick, and calls nobody', () => {
  const machine = readyMachine(seeing);
  expect(brief(machine.endTick(20))).toEqual(['answer 1, goes on']);
  expect(brief(machine.act(2, [1, 1], 25))).toEqual([]);
  const ticks = [2, 3, 4].map((tick) => {
    machine.beginTick(tick);
    return brief([...machine.tick(20 * tick), ...machine.settle()]);
  });
  expect(ticks).toEqual([['action 1 1'], ['hold 1 1', 'answer 2, goes on'], ['hold 1 1']]);
  expect(brief(machine.release('gone', false))).toEqual(['stopped', 'safe 0.5 -0.5']);
});

it('does the same for the same events, whenever it is asked', () => {
  const play = () => {
    const machine = readyMachine(seeing);
    return [
      machine.endTick(20),
      machine.act(2, [1, 1], 25),
      machine.tick(40),
      machine.fault('x'),
      machine.settle(),
    ];
  };
  expect(play()).toEqual(play());
});

it('a fault between what it said and its answer changes the answer', () => {
  const machine = readyMachine(seeing);
  machine.endTick(20);
  machine.act(2, [1, 1], 25);
  machine.beginTick(2);
  expect(brief(machine.tick(40))).toEqual(['action 1 1']);
  expect(brief(machine.fault('the bus is gone'))).toEqual(['emergency-stop', 'stop']);
  expect(brief(machine.settle())).toEqual(['answer 2, over']);
  expect(machine.fault('again')).toEqual([]);
});

it('a reset waits for a sample that is fresh, and aborts the driver’s for whoever ends it', () => {
  const machine = readyMachine(blind);
  expect(machine.endTick(20)).toEqual([]);
  expect(brief(machine.emergencyStop('x'))).toEqual(['emergency-stop', 'abort-reset', 'failed', 'stop']);
});
