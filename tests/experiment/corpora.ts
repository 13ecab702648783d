import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { csvText } from '../../src/common/csv.js';

export interface ManifestOptions {
  readonly speakers: readonly string[];
  readonly texts: readonly string[];
  readonly emotions: readonly string[];
  /** Takes of every text in every emotion by every speaker; default 1. */
  readonly takes?: number;
  /** The recordings of one speaker, text and emotion are one recording, again and again; else all differ. */
  readonly copies?: boolean;
}

/**
 * Describes recordings in a manifest, and makes files in their place, which nobody can hear.
 *
 * @returns the manifest's path
 */
export function manifest(path: string, { speakers, texts, emotions, takes = 1, copies }: ManifestOptions): string {
  const rows: object[] = [];
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true });
  for (const speaker of speakers)
    for (const text of texts)
      for (const emotion of emotions)
        for (let take = 0; take < takes; take++) {
          const name = `${speaker}-${text}-${emotion}-${take}.wav`;
          writeFileSync(join(folder, name), copies ? `${folder} ${speaker} ${text} ${emotion}` : `${folder} ${name}`);
          rows.push({ path: name, emotion, speaker, text, sex: speaker.startsWith('f') ? 'female' : 'male' });
        }
  writeFileSync(path, csvText(rows));
  return path;
}
