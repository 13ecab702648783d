/** `npm run snakemake`: sets up Snakemake, once, for `ser experiment --engine snakemake`. */
import { InputError } from '../src/common/errors.js';
import { prepareSnakemake } from './cluster/snakemake.js';

try {
  console.log(`Snakemake is ${prepareSnakemake()}`);
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
