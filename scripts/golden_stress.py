"""Makes tests/golden/stress.json: what numpy, scipy, the standard library's audioop and scikit-learn make of the same sounds
and answers as the stress test.

    pip install numpy scipy scikit-learn    (and Python 3.12 or older, which still has audioop)
    python scripts/golden_stress.py
"""

import audioop
import base64
import json
import pathlib
import struct

import numpy as np
import scipy
from scipy import signal
from sklearn import metrics

ROOT = pathlib.Path(__file__).parent.parent
RATE = 16000


def test_sound():
    """Half a second of tones that rise and fall, between silences; tests/conditions/sounds.ts computes the same."""
    t = np.arange(RATE // 2) / RATE
    tones = sum(0.2 / k * np.sin(2 * np.pi * 150 * k * t + k * k) for k in range(1, 21))
    sound = np.zeros(RATE)
    sound[2000:2000 + len(t)] = tones * np.sin(np.pi * t / t[-1]) ** 2
    return sound.astype(np.float32)


def active_power(sound):
    """Mean power of the frames of 20 ms that are at most 30 dB below the loudest."""
    frames = sound.astype(float).reshape(-1, RATE // 50)
    powers = (frames ** 2).mean(1)
    return powers[powers >= powers.max() / 1000].mean()


def mu_law():
    """Every 14-bit number, coded and decoded."""
    samples = struct.pack("<16384h", *(4 * x for x in range(-8192, 8192)))
    return list(struct.unpack("<16384h", audioop.ulaw2lin(audioop.lin2ulaw(samples, 2), 2)))


def tilted(sound, slope):
    """Filtered by a long linear-phase filter that follows the slope, its delay taken out."""
    hz = np.linspace(0, RATE / 2, 4097)
    gain = 10 ** (slope * np.log2(np.maximum(hz, 50) / 1000) / 20)
    taps = signal.firwin2(8191, hz, gain, fs=RATE, nfreqs=16385, window=None)
    return signal.fftconvolve(sound, taps)[4095:4095 + len(sound)]


def clipping_limit(sound, share):
    return float(np.quantile(np.abs(sound[sound != 0]), 1 - share, method="inverted_cdf"))


def encode(array):
    return base64.b64encode(np.asarray(array, "<f4").tobytes()).decode()


def answers():
    random = np.random.default_rng(7)
    truth = random.integers(0, 4, 80)

    def made(sharpness):
        shares = np.exp(random.normal(size=(80, 4)) + sharpness * np.eye(4)[truth])
        return (shares / shares.sum(1, keepdims=True)).astype("float32")

    clean, noisy = made(2), made(1)
    recall = metrics.recall_score(truth, noisy.argmax(1), average=None)
    uar = [metrics.balanced_accuracy_score(truth, each.argmax(1)) for each in (clean, noisy)]
    return dict(truth=truth.tolist(), clean=clean.flatten().tolist(), noisy=noisy.flatten().tolist(), uar=uar[1],
                drop=uar[0] - uar[1], accuracy=metrics.accuracy_score(truth, noisy.argmax(1)), worstClass=int(recall.argmin()),
                worstRecall=recall.min(), flipped=1 - metrics.accuracy_score(clean.argmax(1), noisy.argmax(1)))


def main():
    sound = test_sound()
    golden = dict(scipy=scipy.__version__, activePower=active_power(sound), muLaw=mu_law(),
                  tilt=[dict(slope=slope, output=encode(tilted(sound, slope)[::16])) for slope in (3, -3)],
                  clipping=[dict(share=share, limit=clipping_limit(sound, share)) for share in (0.1, 0.5)], answers=answers())
    (ROOT / "tests/golden/stress.json").write_text(json.dumps(golden))


if __name__ == "__main__":
    main()
