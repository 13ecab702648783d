/** A single channel made of several. */
export interface Mono {
  readonly samples: Float32Array;
  /** What is odd about the channels, and what was done about it; undefined if nothing is. */
  readonly warning?: string;
}

/**
 * The mean of the channels keeps at least this share of their power, even where only one of 64 holds anything. Where it
 * keeps less, they cancel out.
 */
const LEAST_POWER = 0.01;

/**
 * The mean of the channels; or, where they cancel out, as they do if the wires of one are swapped, the loudest channel
 * alone, and a warning.
 */
export function toMono(channelData: readonly Float32Array[]): Mono {
  if (channelData.length <= 1) return { samples: channelData[0] ?? new Float32Array() };
  const mono = new Float32Array(channelData[0].length);
  for (const channel of channelData) for (let i = 0; i < mono.length; i++) mono[i] += channel[i];
  for (let i = 0; i < mono.length; i++) mono[i] /= channelData.length;
  const powers = channelData.map(power);
  const mean = powers.reduce((sum, each) => sum + each, 0) / powers.length;
  if (!(power(mono) < LEAST_POWER * mean)) return { samples: mono };
  const loudest = powers.indexOf(Math.max(...powers));
  return {
    samples: channelData[loudest],
    warning: `its ${channelData.length} channels cancel each other out: channel ${loudest + 1} is taken instead of their mean`,
  };
}

function power(samples: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i] * samples[i];
  return sum;
}
