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
  const mixer = new Mixer();
  mixer.hear(channelData);
  return { samples: mixer.mono(channelData), warning: mixer.warning };
}

/** The same for a recording piece by piece: it must have heard all of them before it mixes one. */
export class Mixer {
  private readonly powers: number[] = [];
  private powerOfMean = 0;

  hear(channelData: readonly Float32Array[]): void {
    if (channelData.length <= 1) return;
    for (const [c, channel] of channelData.entries()) this.powers[c] = addPower(this.powers[c] ?? 0, channel);
    this.powerOfMean = addPower(this.powerOfMean, meanOf(channelData));
  }

  mono(channelData: readonly Float32Array[]): Float32Array {
    if (channelData.length <= 1) return channelData[0] ?? new Float32Array();
    return this.cancelsOut ? channelData[this.loudest] : meanOf(channelData);
  }

  /** What is odd about the channels, and what is done about it; undefined if nothing is. */
  get warning(): string | undefined {
    return this.cancelsOut
      ? `its ${this.powers.length} channels cancel each other out: channel ${this.loudest + 1} is taken instead of their mean`
      : undefined;
  }

  private get cancelsOut(): boolean {
    const mean = this.powers.reduce((sum, each) => sum + each, 0) / this.powers.length;
    return this.powerOfMean < LEAST_POWER * mean;
  }

  private get loudest(): number {
    return this.powers.indexOf(Math.max(...this.powers));
  }
}

function meanOf(channelData: readonly Float32Array[]): Float32Array {
  const mono = new Float32Array(channelData[0].length);
  for (const channel of channelData) for (let i = 0; i < mono.length; i++) mono[i] += channel[i];
  for (let i = 0; i < mono.length; i++) mono[i] /= channelData.length;
  return mono;
}

function addPower(power: number, samples: Float32Array): number {
  let sum = power;
  for (let i = 0; i < samples.length; i++) sum += samples[i] * samples[i];
  return sum;
}
