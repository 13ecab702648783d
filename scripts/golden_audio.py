"""Makes tests/golden/resample.json, audio.json and audio.{mp3,ogg,opus}: what soxr and libsndfile make of the same sound.

    pip install librosa==0.11.0 soxr==1.1.0 soundfile==0.14.0    (and ffmpeg with libmp3lame, libvorbis and libopus)
    python scripts/golden_audio.py

The lossy files are half a second of data/emodb/03a01Wa.flac (CC0). ffmpeg's fixtures differ in a few bytes from version to
version: make the JSON anew with them.
"""

import base64
import hashlib
import json
import pathlib
import subprocess

import librosa
import numpy as np
import soundfile
import soxr

ROOT = pathlib.Path(__file__).parent.parent
GOLDEN = ROOT / "tests/golden"
PAIRS = [(24414, 22050), (96000, 22050), (16000, 22050), (44100, 22050), (8000, 22050), (48000, 22050), (44101, 22050)]
CLIPS = ["03a01Wa", "16b10Wb", "08a01Ab"]
LOSSY = dict(mp3=["-c:a", "libmp3lame", "-b:a", "48k"], ogg=["-c:a", "libvorbis", "-q:a", "3", "-page_duration", "100000"],
             opus=["-c:a", "libopus", "-b:a", "32k", "-page_duration", "100000"])


def test_signal(rate, band_hz, seconds=0.15):
    """A chirp and ten tones up to `band_hz`, faded in and out; tests/audio/resample.test.ts computes the same."""
    n = int(rate * seconds)
    t = np.arange(n) / rate
    length = n / rate
    signal = np.sin(2 * np.pi * (100 * t + (band_hz - 100) * t * t / (2 * length)))
    for k in range(1, 11):
        signal += 0.1 * np.sin(2 * np.pi * band_hz * k / 10 * t + k * k)
    return (0.4 * signal * np.sin(np.pi * t / length) ** 2).astype(np.float32)


def encode(array, kind):
    return base64.b64encode(np.ascontiguousarray(array, dtype=kind).tobytes()).decode()


def resampled(source, target):
    samples = test_signal(source, 0.44 * min(source, target))
    return dict(fromHz=source, toHz=target, length=len(samples),
                output=encode(librosa.resample(samples, orig_sr=source, target_sr=target, res_type="soxr_hq"), "<f4"))


def clip(name):
    samples, rate = soundfile.read(ROOT / f"data/emodb/{name}.flac", dtype="int16")
    return dict(name=name, rate=rate, length=len(samples), sha256=hashlib.sha256(samples.astype("<i2").tobytes()).hexdigest())


def lossy(kind, arguments):
    path = GOLDEN / f"audio.{kind}"
    subprocess.run(["ffmpeg", "-loglevel", "error", "-y", "-ss", "0.5", "-t", "0.5", "-i", ROOT / "data/emodb/03a01Wa.flac",
                    "-map_metadata", "-1", "-bitexact", *arguments, path], check=True)
    samples, rate = soundfile.read(path, dtype="float32")
    return dict(name=path.name, rate=rate, length=len(samples), samples=encode(np.round(samples * 32767), "<i2"))


def main():
    pairs = [resampled(*pair) for pair in PAIRS]
    # What librosa gives for these lengths, also where length x ratio is a whole number in exact arithmetic.
    lengths = [dict(fromHz=s, toHz=22050, length=n, output=len(librosa.resample(np.zeros(n, np.float32), orig_sr=s, target_sr=22050)))
               for s, n in [(24414, 48828), (24414, 48829), (24414, 1), (16000, 32000), (16000, 7), (44100, 3), (96000, 100)]]
    (GOLDEN / "resample.json").write_text(json.dumps(dict(librosa=librosa.__version__, soxr=soxr.__version__, pairs=pairs, lengths=lengths)))
    golden = dict(libsndfile=soundfile.__libsndfile_version__, clips=[clip(name) for name in CLIPS],
                  lossy=[lossy(*item) for item in LOSSY.items()])
    (GOLDEN / "audio.json").write_text(json.dumps(golden))


if __name__ == "__main__":
    main()
