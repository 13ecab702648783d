/** How {@link wav} writes a file; everything that a real tool does, right or wrong. */
export interface WavOptions {
  readonly codec?: 'pcm' | 'float' | 'alaw' | 'mulaw';
  readonly bits?: number;
  readonly channels?: number;
  readonly sampleRateHz?: number;
  readonly extensible?: boolean;
  readonly container?: 'RIFF' | 'RF64' | 'RIFX';
  /** Chunks before and after the samples, by name. */
  readonly before?: readonly (readonly [name: string, content: Uint8Array])[];
  readonly after?: readonly (readonly [name: string, content: Uint8Array])[];
  /** Sizes to write instead of the right ones. */
  readonly riffSize?: number;
  readonly dataSize?: number;
  readonly blockAlign?: number;
}

const TAGS = { pcm: 1, float: 3, alaw: 6, mulaw: 7 };

/** Bytes of a number, least significant first. */
function little(value: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  if (bytes === 8) buffer.writeBigUInt64LE(BigInt(value));
  else buffer.writeUIntLE(value, 0, bytes);
  return buffer;
}

/** A chunk with its pad byte; `size` may lie. */
function chunk(name: string, content: Uint8Array, size = content.length): Buffer {
  return Buffer.concat([Buffer.from(name), little(size, 4), content, Buffer.alloc(content.length % 2)]);
}

/**
 * Writes a WAV file.
 *
 * @param samples - in [-1, 1], interleaved
 */
export function wav(samples: readonly number[], options: WavOptions = {}): Buffer {
  const { codec = 'pcm', channels = 1, sampleRateHz = 16000, extensible, container = 'RIFF' } = options;
  const { bits = 16, before = [], after = [] } = options;
  const frameBytes = (channels * bits) / 8;
  const format = Buffer.concat([
    little(extensible ? 0xfffe : TAGS[codec], 2),
    little(channels, 2),
    little(sampleRateHz, 4),
    little((sampleRateHz * frameBytes) % 2 ** 32, 4),
    little(options.blockAlign ?? frameBytes, 2),
    little(bits, 2),
  ]);
  const guid = Buffer.from('000000001000800000aa00389b71', 'hex');
  const extension = [little(22, 2), little(bits, 2), little(0, 4), little(TAGS[codec], 2), guid];
  const data = Buffer.concat(samples.map((sample) => encodeSample(sample, codec, bits)));
  const long = container === 'RF64';
  const chunks = [
    ...(long ? [chunk('ds64', Buffer.concat([little(0, 8), little(data.length, 8), Buffer.alloc(12)]))] : []),
    ...before.map(([name, content]) => chunk(name, content)),
    chunk('fmt ', extensible ? Buffer.concat([format, ...extension]) : format),
    chunk('data', data, options.dataSize ?? (long ? 0xffffffff : data.length)),
    ...after.map(([name, content]) => chunk(name, content)),
  ];
  const body = Buffer.concat([Buffer.from('WAVE'), ...chunks]);
  return Buffer.concat([
    Buffer.from(container),
    little(options.riffSize ?? (long ? 0xffffffff : body.length), 4),
    body,
  ]);
}

function encodeSample(sample: number, codec: string, bits: number): Buffer {
  const bytes = Buffer.alloc(bits / 8);
  if (codec === 'float') bits === 64 ? bytes.writeDoubleLE(sample) : bytes.writeFloatLE(sample);
  else if (codec === 'alaw') bytes[0] = encodeALaw(sample);
  else if (codec === 'mulaw') bytes[0] = encodeMuLaw(sample);
  else if (bits === 8) bytes[0] = Math.round(sample * 127) + 128;
  else bytes.writeIntLE(Math.round(sample * (2 ** (bits - 1) - 1)), 0, bits / 8);
  return bytes;
}

/** ITU-T G.711, by its definition on 13 bits. */
function encodeALaw(sample: number): number {
  const magnitude = Math.min(4095, Math.floor(Math.abs(sample) * 4096));
  const segment = Math.max(0, Math.floor(Math.log2(Math.max(1, magnitude))) - 4);
  const step = segment < 2 ? (magnitude >> 1) & 15 : (magnitude >> segment) & 15;
  return ((sample >= 0 ? 0x80 : 0) | (segment << 4) | step) ^ 0x55;
}

/** ITU-T G.711, by its definition on 14 bits. */
function encodeMuLaw(sample: number): number {
  const magnitude = Math.min(8158, Math.floor(Math.abs(sample) * 8192)) + 33;
  const segment = Math.floor(Math.log2(magnitude)) - 5;
  return ~((sample < 0 ? 0x80 : 0) | (segment << 4) | ((magnitude >> (segment + 1)) & 15)) & 0xff;
}
