import { storedModel } from '../model/bundle.js';
import { type ExportFormat, singleNetwork } from './export-format.js';

/** What tfjs itself loads, and also this project. */
export const tfjs: ExportFormat = {
  description: "a folder for TensorFlow.js's loadLayersModel: model.json and the weights",
  write: async (model) => {
    const { network, settings } = singleNetwork(model, 'tfjs');
    const { json, weights } = await storedModel(network, settings);
    const [weightsName] = json.weightsManifest[0].paths;
    return [
      { name: weightsName, bytes: weights },
      { name: 'model.json', bytes: new TextEncoder().encode(JSON.stringify(json)) },
    ];
  },
};
