"""Makes tests/golden/functionals.json: functionals by numpy, librosa and scipy, and pitch by pYIN, to compare ours with.

    pip install librosa==0.11.0
    python scripts/golden_functionals.py
"""

import base64
import json
import pathlib

import librosa
import numpy as np
from scipy.fft import dct
from scipy.stats import linregress

ROOT = pathlib.Path(__file__).parent.parent
RATE, FRAME, HOP = 16000, 512, 256
PER_SECOND = RATE / HOP


def encode(array):
    return base64.b64encode(np.ascontiguousarray(array, dtype="<f4").tobytes()).decode()


def mcleod(frame):
    """Pitch by the normalised square difference: McLeod and Wyvill (2005), with 0.9 of the highest maximum."""
    lags = np.arange(FRAME)
    correlation = np.correlate(frame, frame, "full")[FRAME - 1:]
    squares = np.array([np.sum(frame[:FRAME - lag] ** 2) + np.sum(frame[lag:] ** 2) for lag in lags])
    nsdf = np.divide(2 * correlation, squares, out=np.zeros(FRAME), where=squares > 0)
    maxima, start = [], None
    for lag in range(1, FRAME - 1):
        if nsdf[lag - 1] <= 0 < nsdf[lag]:
            start = lag
        elif nsdf[lag - 1] > 0 >= nsdf[lag] and start is not None:
            maxima.append(start + np.argmax(nsdf[start:lag]))
    if not maxima:
        return None
    chosen = next(lag for lag in maxima if nsdf[lag] >= 0.9 * max(nsdf[maxima]))
    a, b, c = np.polyfit([-1, 0, 1], nsdf[chosen - 1:chosen + 2], 2)
    place, clarity = chosen - b / (2 * a), c - b * b / (4 * a)
    hz = RATE / place
    return hz if clarity >= 0.6 and 62.5 <= hz <= 600 else None


def courses(samples):
    """Each descriptor's frames and values, and the levels of all frames."""
    samples = samples / np.abs(samples).max()
    frames = librosa.util.frame(samples, frame_length=FRAME, hop_length=HOP).T
    levels = 10 * np.log10(np.maximum(1e-30, np.mean(frames**2, axis=1)))
    levels -= levels.max()
    audible = np.flatnonzero(levels > -30)
    some = frames[audible]
    amplitudes = np.abs(np.fft.rfft(some * np.hanning(FRAME), axis=1))[:, :FRAME // 2]
    bins = np.arange(FRAME // 2)
    weights = amplitudes / amplitudes.sum(axis=1, keepdims=True)
    centroid = weights @ bins
    spread = np.sqrt(weights @ bins**2 - centroid**2)
    left = np.cumsum(amplitudes, axis=1)
    rolloff = np.array([np.flatnonzero(row > 0.99 * row[-1])[0] for row in left]) * RATE / FRAME
    hz = bins * RATE / FRAME
    bark = 13 * np.arctan(hz / 1315.8) + 3.5 * np.arctan((hz / 7518) ** 2)
    edges = [0]
    for bin_ in bins:
        while bark[bin_] > bark[-1] / 24 * len(edges):
            edges.append(bin_)
    edges.append(FRAME // 2 - 1)
    specific = np.array([amplitudes[:, a:b].sum(axis=1) for a, b in zip(edges, edges[1:])]).T ** 0.23
    loudness = specific.sum(axis=1)
    number = np.arange(1, specific.shape[1] + 1)
    grow = np.where(number < 15, 1, 0.066 * np.exp(0.171 * number))
    sharpness = 0.11 * (specific * number * grow).sum(axis=1) / loudness
    bank = librosa.filters.mel(sr=RATE, n_fft=FRAME, n_mels=26)[:, :FRAME // 2]
    decibels = librosa.power_to_db(amplitudes**2 @ bank.T, top_db=80)
    cepstrum = dct(decibels, axis=1, norm="ortho")
    pitch = [mcleod(frame) for frame in some]
    voiced = np.array([value is not None for value in pitch])
    semitones = 12 * np.log2(np.array([value for value in pitch if value is not None]) / 200)
    signs = some >= 0
    found = {
        "pitch": (audible[voiced], semitones),
        "energy": (audible, levels[audible]),
        "loudness": (audible, loudness / loudness.max()),
        "sharpness": (audible, sharpness),
        "zero crossings": (audible, (signs[:, 1:] != signs[:, :-1]).sum(axis=1) * RATE / (FRAME - 1)),
        "centroid": (audible, centroid * RATE / FRAME),
        "spread": (audible, spread * RATE / FRAME),
        "rolloff": (audible, rolloff),
        "flatness": (audible, np.exp(np.log(amplitudes).mean(axis=1)) / amplitudes.mean(axis=1)),
    }
    for k in range(1, 10):
        found[f"cepstrum {k}"] = (audible, cepstrum[:, k])
    return found, levels[audible[0]:audible[-1] + 1]


def steps(frames, values):
    return np.diff(values)[np.diff(frames) == 1]


def mean(values):
    return float(np.mean(values)) if len(values) else 0.0


def functionals(samples):
    found, envelope = courses(samples)
    numbers = {}
    for name, (frames, values) in found.items():
        numbers[f"{name}: mean"] = np.mean(values)
        numbers[f"{name}: deviation"] = np.std(values)
        numbers[f"{name}: low (10 %)"], numbers[f"{name}: high (90 %)"] = np.quantile(values, [0.1, 0.9])
        numbers[f"{name}: change"] = mean(np.abs(steps(frames, values)))
    for name in ["pitch", "energy"]:
        frames, values = found[name]
        change = steps(frames, values)
        numbers[f"{name}: slope"] = linregress(frames / PER_SECOND, values).slope
        numbers[f"{name}: rise"] = mean(change[change > 0])
        numbers[f"{name}: fall"] = mean(change[change < 0])
    voiced, audible = found["pitch"][0], found["energy"][0]
    stretches = len(np.split(voiced, np.flatnonzero(np.diff(voiced) > 1) + 1))
    numbers["voiced share"] = len(voiced) / len(envelope)
    numbers["audible share"] = len(audible) / len(envelope)
    numbers["voiced stretches per second"] = stretches / (len(envelope) / PER_SECOND)
    numbers["seconds of a voiced stretch"] = len(voiced) / stretches / PER_SECOND
    cut = np.maximum(envelope, -30)
    window = np.hanning(len(cut) + 1)[:-1]
    points = max(128, 1 << (len(cut) - 1).bit_length())
    power = np.abs(np.fft.rfft((cut - cut.mean()) * window, points)) ** 2 / len(cut)
    hz = np.fft.rfftfreq(points, 1 / PER_SECOND)
    for low, high in [(1, 3), (3, 6), (6, 12), (12, 31)]:
        numbers[f"energy: modulation, {low}–{high} Hz"] = np.log(power[(hz >= low) & (hz < high)].sum() + 1e-3)
    return {name: float(value) for name, value in numbers.items()}


def case(name, samples):
    samples = np.asarray(samples, dtype=np.float32)
    return dict(name=name, samples=encode(samples), numbers=functionals(samples.astype(float)))


def main():
    random = np.random.default_rng(1)
    angry, sad = (librosa.load(ROOT / "data/emodb" / name, sr=RATE)[0] for name in ["03a01Wa.flac", "13a01Ec.flac"])
    seconds = np.arange(3 * RATE // 2) / RATE
    # A voice of 20 harmonics around 150 Hz that trembles and falls silent five times a second, in a little noise.
    phase = np.cumsum(150 * 2 ** (np.sin(2 * np.pi * seconds) / 4)) / RATE
    voice = sum(np.sin(2 * np.pi * k * phase) / k for k in range(1, 21)) * np.abs(np.sin(2 * np.pi * 2.5 * seconds))
    trembling = 0.1 * voice + 0.001 * random.normal(size=len(seconds))
    cases = [case("anger", angry), case("sadness", sad), case("a trembling voice", trembling)]
    hz, voiced, _ = librosa.pyin(angry, fmin=62.5, fmax=600, sr=RATE, frame_length=1024, hop_length=HOP)
    pitch = [float(value) if sure else None for value, sure in zip(hz, voiced)]
    path = ROOT / "tests/golden/functionals.json"
    path.write_text(json.dumps(dict(cases=cases, pyin=pitch)) + "\n")


main()
