import { INPUTS } from '../dataset/inputs.js';
import { ENCODERS } from '../encoder/encoder.js';
import { featureNamed } from '../features/features.js';
import type { Normalisation } from '../features/normalise.js';
import type { GivenSettings } from '../model/settings.js';
import type { Exportable } from './export-format.js';

/** The heading under which cards say it. */
export const TAKES_AND_GIVES = 'What it takes and gives';

const NORMALISATIONS: Readonly<Record<Normalisation, string>> = {
  clip: 'z-scored: less the mean of all values of the clip, over their standard deviation + 1e-8',
  bands: 'less the mean of each band over the clip, divided by 10',
  train: "z-scored band by band, with the training set's means and standard deviations",
  speaker: "z-scored band by band, with means and standard deviations over all of the speaker's clips",
  none: 'none',
};

/** What says what a network takes and gives. */
export type TakenSettings = Pick<
  GivenSettings,
  'labels' | 'features' | 'encoder' | 'speeds' | 'input' | 'frames' | 'normalisation'
>;

/** What a network takes and gives, for those who use it without this project: one sentence each. */
export function takesAndGives(settings: TakenSettings): string[] {
  const { labels, features, encoder, speeds = [], input, frames, normalisation } = settings;
  const { description } = featureNamed(features.name);
  const options = Object.entries(features.options).map(([name, value]) => `${name} ${value}`);
  const seconds = windowSeconds(settings);
  return [
    `Gives one probability for each of, in this order: ${labels.join(', ')}.`,
    `Features of a recording, mono: ${[description, ...options].join(', ')}.`,
    ...(encoder ? [`Of these, the states of the encoder ${encoder.name}: ${ENCODERS[encoder.name].description}.`] : []),
    `Normalisation: ${NORMALISATIONS[normalisation]}.`,
    `Takes ${INPUTS[input].description}${seconds === undefined ? '' : `: ${frames} frames, a window of ${seconds.toFixed(2)} s`}.`,
    ...(speeds.length > 0
      ? [
          `What the encoder makes of a recording is averaged with what it makes of copies at ${speeds.join(' and ')} of its speed.`,
        ]
      : []),
  ];
}

/** The length of what a network takes of a recording; undefined where it takes any length. */
export function windowSeconds({ features, input, frames }: TakenSettings): number | undefined {
  const secondsPerFrame = featureNamed(features.name).secondsPerFrame(features.options);
  return input === 'picture' && secondsPerFrame !== undefined ? frames * secondsPerFrame : undefined;
}

/**
 * The card beside an export: that of the model, with what each of its networks takes and gives.
 *
 * @param own - the model's card, if it has one; older ones do not say it yet, and that of several networks does not say it of each
 */
export function cardBeside({ members, ensemble }: Exportable, own: string | undefined): string {
  const { network, corpus } = (ensemble ?? members[0].settings).trainedOn;
  const head = own?.trimEnd() ?? `# Speech emotion recognition: \`${network}\`, trained on ${corpus}`;
  if (ensemble) {
    const sections = members.map(({ settings }, m) =>
      takesAndGivesSection(settings, `What ${ensemble.members[m]} takes`),
    );
    return `${[head, ...sections].join('\n\n')}\n`;
  }
  return own?.includes(`\n## ${TAKES_AND_GIVES}\n`) ? own : `${head}\n\n${takesAndGivesSection(members[0].settings)}\n`;
}

/** The section of a card that says it. */
export function takesAndGivesSection(settings: TakenSettings, heading: string = TAKES_AND_GIVES): string {
  const lines = takesAndGives(settings).map((sentence) => `- ${sentence}`);
  return `## ${heading}\n\n${lines.join('\n')}`;
}
