import assert from 'node:assert/strict';
import { useBackend } from '../../src/backend/backend.js';
import { readSafetensors } from '../../src/encoder/safetensors.js';
import { EXPORT_FORMATS } from '../../src/exchange/exports.js';
import type { Bundle } from '../../src/model/bundle.js';
import { smallNetworks } from './networks.js';

describe('safetensors', () => {
  before(() => useBackend('auto'));

  it('hold all weights by name, and in the metadata what a stranger needs to know', async () => {
    const { network, settings } = smallNetworks().masked;
    const bundle = { network, settings: { ...settings, format: 2, weightsSha256: '' } } as Bundle;
    const [{ name, bytes }] = await EXPORT_FORMATS.safetensors.write({ members: [bundle] });
    assert.equal(name, 'model.safetensors');
    const tensors = readSafetensors(bytes, name);
    assert.equal(tensors.size, network.weights.length);
    for (const weight of network.weights) {
      const { shape, values } = tensors.get(weight.originalName)!;
      assert.deepEqual(shape, weight.shape);
      assert.deepEqual(values, weight.read().dataSync());
    }
    const headerBytes = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    assert.equal(headerBytes % 8, 0);
    const { __metadata__: metadata } = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerBytes)));
    // The format knows nothing but texts there.
    for (const value of Object.values(metadata)) assert.equal(typeof value, 'string');
    const { labels, normalisation, inWords } = JSON.parse(metadata.speech_emotion);
    assert.deepEqual([labels, normalisation], [settings.labels, 'bands']);
    assert.match(inWords.join(' '), /mask: 1 for a frame/);
    assert.equal(JSON.parse(metadata.layers).class_name, 'Model');
    network.dispose();
  });
});
