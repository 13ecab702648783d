/** A process that extracts the features of a recording, and prints by how many megabytes its memory has grown at most. */
import { openRecording } from '../../src/audio/decode-file.js';
import { extractorFor, FEATURE_DEFAULTS } from '../../src/features/features.js';

async function main(path: string): Promise<void> {
  const extract = extractorFor(FEATURE_DEFAULTS);
  const before = process.resourceUsage().maxRSS;
  extract(await openRecording(path));
  console.log(((process.resourceUsage().maxRSS - before) / 1000).toFixed(0));
}

main(process.argv[2]);
