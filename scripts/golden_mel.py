"""Makes tests/golden/mel.json: librosa's mel spectrograms of real and made signals, to compare ours with.

    pip install librosa==0.11.0
    python scripts/golden_mel.py
"""

import base64
import json
import pathlib

import librosa
import numpy as np

ROOT = pathlib.Path(__file__).parent.parent
RATE = 22050


def encode(array):
    return base64.b64encode(np.ascontiguousarray(array, dtype="<f4").tobytes()).decode()


def case(name, samples, **options):
    samples = np.asarray(samples, dtype=np.float32)
    power = librosa.feature.melspectrogram(y=samples, sr=RATE, **{"n_mels": 128, **options})
    return dict(name=name, options=options, samples=encode(samples), power=encode(power),
                decibels=encode(librosa.power_to_db(power)), shape=power.shape)


def main():
    random = np.random.default_rng(1)
    seconds = np.arange(RATE // 2) / RATE
    speech, _ = librosa.load(ROOT / "data/emodb/03a01Wa.flac", sr=RATE)
    cases = [
        case("speech", speech),
        case("speech, 40 bands, hop 256, FFT 1024", speech[:RATE // 2], n_mels=40, hop_length=256, n_fft=1024),
        case("speech, 300 to 8000 Hz", speech[:RATE // 2], fmin=300, fmax=8000),
        case("noise", random.uniform(-1, 1, RATE // 4)),
        case("sine 440 Hz", 0.5 * np.sin(2 * np.pi * 440 * seconds)),
        case("shorter than a window", random.uniform(-0.1, 0.1, 700)),
        case("one sample", [0.5]),
        case("silence", np.zeros(3000)),
    ]
    bank = librosa.filters.mel(sr=RATE, n_fft=2048, n_mels=128)
    golden = dict(librosa=librosa.__version__, cases=cases, bank=dict(sums=bank.sum(1).tolist(), centres=librosa.mel_frequencies(130)[1:-1].tolist()))
    (ROOT / "tests/golden/mel.json").write_text(json.dumps(golden))


if __name__ == "__main__":
    main()
