import { expect, it, onTestFinished } from 'vitest';
import {
  type HeardNotice,
  Hearing,
  hearNotices,
  type Notice,
  noticesAMinute,
  tellOperator,
} from './notices.ts';

const minuteMs = 60_000;

function hearing() {
  const clock = { ms: 0 };
  const heard: HeardNotice[] = [];
  const hears = new Hearing();
  const tell = (where: string, value: number, other: Partial<Notice> = {}) => {
    const notice = {
      source: 'Arm-v0',
      kind: 'info',
      where,
      message: `${where} is ${value}`,
      fields: {},
    } as const;
    heard.push(...[hears.take({ ...notice, ...other }, clock.ms)].filter((told) => told !== undefined));
  };
  return { clock, heard, tell, messages: () => heard.map(({ message }) => message) };
}

it('what differs in its values only is told once, and again after an hour', () => {
  const { clock, tell, messages } = hearing();
  for (let i = 0; i < 1024; i++) tell('observation', i);
  clock.ms = 60 * minuteMs;
  tell('observation', 7);
  expect(messages()).toEqual(['observation is 0', 'observation is 7']);
});

it('an environment with new keys in every info silences no other one, and not itself for ever', () => {
  const { clock, heard, tell, messages } = hearing();
  for (let minute = 0; minute < 3; minute++) {
    clock.ms = minute * minuteMs;
    for (let i = 0; i < 1500; i++) tell(`info["k${minute} ${i}"]`, i);
  }
  expect(heard).toHaveLength(3 * noticesAMinute);
  tell('observation', 1, { source: 'Leg-v0' });
  tell('observation', 2, { kind: 'bounds' });
  expect(messages().slice(-2)).toEqual(['observation is 1', 'observation is 2']);
});

it('what was left out is counted with the next one that is told', () => {
  const { clock, heard, tell } = hearing();
  for (let i = 0; i < noticesAMinute + 5; i++) tell(`info["k${i}"]`, i);
  clock.ms = minuteMs;
  tell('info["next"]', 0);
  expect(heard.filter(({ fields }) => 'leftOut' in fields)).toEqual([
    { message: 'info["next"] is 0', fields: { leftOut: 5 } },
  ]);
});

it('a notice is heard in the process, with its text cut', async () => {
  const heard: HeardNotice[] = [];
  onTestFinished(hearNotices((notice) => heard.push(notice)));
  const fields = { env: 'Heard-v0' };
  tellOperator({
    source: 'Heard-v0',
    kind: 'info',
    where: 'x'.repeat(1e5),
    message: 'x'.repeat(1e5),
    fields,
  });
  await expect.poll(() => heard).toHaveLength(1);
  expect(heard[0]).toMatchObject({ fields, message: expect.stringMatching(/^x{2000}… \(100000 characters/) });
});
