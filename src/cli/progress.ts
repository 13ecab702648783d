import { SingleBar } from 'cli-progress';
import { duration, percent } from '../common/text.js';
import type { Reporter } from '../run/reporter.js';
import { forCommandLine } from './flags.js';

/** Seconds between two lines about a long step where there is no terminal. */
const LINE_INTERVAL_SECONDS = 10;

/** Reports a run's progress on standard error: bars on a terminal, plain lines elsewhere. */
export const terminalReporter: Reporter = {
  say: (line) => console.error(forCommandLine(line)),
  progress: (what, total) => (process.stderr.isTTY ? bar(what, total) : lines(what, total)),
  // At most 80 columns wide for all but a training of more than an hour.
  epoch(record, { epochs, best, left }) {
    const aligned = (share: number) => percent(share).padStart(6);
    console.error(
      [
        `epoch ${String(record.epoch).padStart(String(epochs).length)}/${epochs}`,
        `loss ${record.loss.toFixed(3)} val. ${record.valLoss.toFixed(3)}${best ? '*' : ' '}`,
        `acc. ${aligned(record.accuracy)} val. ${aligned(record.valAccuracy)}`,
        `${duration(left)} left`,
      ].join('  '),
    );
  },
};

/** So many a second, or a minute where they are few. */
function paceText(rate: number): string {
  return rate > 0 && rate < 1 ? `${(60 * rate).toFixed(0)}/min` : `${rate.toFixed(0)}/s`;
}

function bar(what: string, total: number): ReturnType<Reporter['progress']> {
  const begun = performance.now();
  const pace = (done: number) => {
    const rate = done / ((performance.now() - begun) / 1000);
    return { rate: paceText(rate), left: duration((total - done) / rate) };
  };
  // The cursor stays visible: Ctrl-C ends most commands at once, and nothing would bring it back.
  const shown = new SingleBar({
    format: `${what} {bar} {percentage} %  {value}/{total}  {rate}  {left} left`,
    barsize: 24,
    stream: process.stderr,
  });
  shown.start(total, 0, { rate: paceText(0), left: '?' });
  return { update: (done) => shown.update(done, pace(done)), stop: () => shown.stop() };
}

function lines(what: string, total: number): ReturnType<Reporter['progress']> {
  const begun = performance.now();
  let last = begun;
  let latest = 0;
  const line = (done: number) => {
    const seconds = (performance.now() - begun) / 1000;
    const rate = done / seconds;
    console.error(`${what} ${done}/${total}  ${paceText(rate)}  ${duration((total - done) / rate)} left`);
  };
  return {
    update(done) {
      latest = done;
      if (performance.now() - last < LINE_INTERVAL_SECONDS * 1000) return;
      last = performance.now();
      line(done);
    },
    stop: () => {
      if (latest > 0) line(latest);
    },
  };
}
