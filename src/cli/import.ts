import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { reasonOf } from '../common/errors.js';
import { withCommas } from '../common/text.js';
import { FEATURES, type FeatureName, type FeatureSettings, featureNamed } from '../features/features.js';
import { featureSettingsSchema } from '../model/settings.js';
import { importModel } from '../run/import.js';
import { backendOption } from './options.js';

/** What a file may be normalised by that holds no statistics of a training set. */
const NORMALISATIONS = ['clip', 'bands', 'speaker', 'none'];

/** `ser import`: a network that was trained with Keras. */
export function importCommand(): Command {
  return new Command('import')
    .summary('take a network that was trained with Keras')
    .description(
      "Takes a network that was trained in Python, saved by Keras 3 or tf.keras as .keras or .h5, as a model's folder: for predict, evaluate and stress. Unless it says otherwise, it is taken to have been trained as by the Python original: mel spectrograms of 128 bands, z-scored by clip.",
    )
    .argument('<file>', 'best_model.keras, or whatever it is called')
    .option('--labels <names>', 'what its outputs mean, in their order, separated by commas', names)
    .option('--features <json>', 'a feature, or its name and options that differ from the usual ones', features)
    .addOption(new Option('--normalise <how>', 'how they were normalised (default: by clip)').choices(NORMALISATIONS))
    .option(
      '--like <model>',
      'a model of this project that it was trained on from: whatever the file does not say is as there',
    )
    .option('--out <folder>', "the model's folder, new or empty (default: named after the file)")
    .addOption(backendOption())
    .addHelpText('after', `\nFeatures: ${Object.keys(FEATURES).join(', ')}\n\nExamples:\n${EXAMPLES.join('\n')}`)
    .action(async (file: string, { normalise: normalisation, ...options }) => {
      const { directory, settings, parameters } = await importModel(file, { ...options, normalisation });
      const { labels, features, frames } = settings;
      console.log(`${directory}: a network of ${withCommas(parameters)} parameters for ${labels.join(', ')}`);
      console.log(
        `It hears ${features.name} ${JSON.stringify(features.options)}, ${frames} frames, normalised: ${settings.normalisation}`,
      );
      console.log(`Try it: ser predict --model ${directory} hello.wav`);
    });
}

const EXAMPLES = [
  '  ser import best_model.keras --labels angry,disgust,fear,happy,neutral,ps,sad',
  '  ser import trained-on.keras --like runs/first',
  `  ser import other.keras --labels calm,sad --features '{"name":"mel","options":{"bands":64}}' --out other`,
];

function names(text: string): string[] {
  const found = text.split(',').map((name) => name.trim());
  if (found.length < 2 || found.includes(''))
    throw new InvalidArgumentError('They must be two or more, separated by commas.');
  return found;
}

const givenSchema = z.strictObject({
  name: z.enum(Object.keys(FEATURES) as FeatureName[]),
  options: z.record(z.string(), z.unknown()).default({}),
});

function features(text: string): FeatureSettings {
  try {
    const { name, options } = givenSchema.parse(text.startsWith('{') ? JSON.parse(text) : { name: text });
    return featureSettingsSchema.parse({ name, options: { ...featureNamed(name).defaults, ...options } });
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error).replaceAll('\n', ' ') : reasonOf(error);
    throw new InvalidArgumentError(`It must be one of ${Object.keys(FEATURES).join(', ')}, or JSON: ${reason}`);
  }
}
