import { type ByteSource, mark, partOf, viewOf } from './source.js';

/** Tags in front of each other are the work of tools that do not look; more of them are no recording. */
const MOST_TAGS = 16;

const ID3V1_BYTES = 128;

/** An APE tag's head and foot. */
const APE_FOOT_BYTES = 32;
const APE_HEAD_FLAG = 0x80000000;

/** Bytes of an ID3v2 tag at the start, 0 if there is none. */
export function tagBytes(start: Uint8Array): number {
  if (mark(start, 0, 3) !== 'ID3' || start.length < 10) return 0;
  const footer = start[5] & 0x10 ? 10 : 0;
  return (
    10 + footer + ((start[6] & 127) * 2 ** 21 + ((start[7] & 127) << 14) + ((start[8] & 127) << 7) + (start[9] & 127))
  );
}

/** What follows the ID3v2 tags at the start, one or several; the source itself where there are none. */
export function afterTags(source: ByteSource): ByteSource {
  let start = 0;
  for (let count = 0; count < MOST_TAGS; count++) {
    const bytes = tagBytes(source.read(start, 10));
    if (bytes === 0) break;
    start += bytes;
  }
  return start === 0 ? source : partOf(source, start);
}

/** What comes before an ID3v1 tag and an APE tag at the end; the source itself where there are none. */
export function beforeTags(source: ByteSource): ByteSource {
  let end = source.size;
  if (mark(source.read(Math.max(0, end - ID3V1_BYTES), 3), 0, 3) === 'TAG') end -= ID3V1_BYTES;
  const foot = source.read(Math.max(0, end - APE_FOOT_BYTES), APE_FOOT_BYTES);
  if (mark(foot, 0, 8) === 'APETAGEX') {
    const view = viewOf(foot);
    end -= view.getUint32(12, true) + (view.getUint32(20, true) & APE_HEAD_FLAG ? APE_FOOT_BYTES : 0);
  }
  return end === source.size ? source : partOf(source, 0, end);
}
