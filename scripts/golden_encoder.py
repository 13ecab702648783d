"""Golden values of Whisper's log-mel spectrogram and of the first three blocks of its encoder, by numpy in double precision
where that matters: tests/golden/encoder.json.

usage: python3 scripts/golden_encoder.py   (needs numpy, scipy, soundfile, soxr)
"""

import base64
import json
import struct
from pathlib import Path

import numpy as np
import soundfile
import soxr
from scipy.special import erf

ROOT = Path(__file__).resolve().parent.parent
WEIGHTS = ROOT / "data/encoder/whisper-base-3.safetensors"
CLIPS = ["03a01Fa", "08a01Wa"]


def weights():
    data = WEIGHTS.read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + size])
    header.pop("__metadata__", None)
    return {
        name.removeprefix("model.encoder."): np.frombuffer(data[8 + size :], np.float16, offset=e["data_offsets"][0], count=int(np.prod(e["shape"]))).reshape(e["shape"]).astype(np.float32)
        for name, e in header.items()
    }


def mel_bank(bands=80, rate=16000, size=400, top=8000):
    to_mel = lambda hz: hz / (200 / 3) if hz < 1000 else 15 + np.log(hz / 1000) / (np.log(6.4) / 27)
    to_hz = lambda mel: np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((np.log(6.4) / 27) * (mel - 15)))
    edges = to_hz(np.linspace(0, to_mel(top), bands + 2))
    bins = np.fft.rfftfreq(size, 1 / rate)
    up = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    down = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    return np.maximum(0, np.minimum(up, down)) * (2 / (edges[2:] - edges[:-2]))[:, None]


def log_mel(samples):
    samples = samples * (0.05 / max(1e-6, np.sqrt(np.mean(samples.astype(float) ** 2))))
    padded = np.pad(samples, 200, mode="reflect")
    frames = 1 + (len(padded) - 400) // 160
    cut = padded[np.arange(400) + 160 * np.arange(frames)[:, None]] * np.hanning(401)[:-1]
    power = np.abs(np.fft.rfft(cut, axis=1))[:-1] ** 2
    mel = np.log10(np.maximum(power @ mel_bank().T, 1e-10))
    return ((np.maximum(mel, mel.max() - 8) + 4) / 4).astype(np.float32)


def gelu(x):
    return (0.5 * x * (1 + erf(x / np.sqrt(2)))).astype(np.float32)


def normed(x, w, name):
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5) * w[f"{name}.weight"] + w[f"{name}.bias"]


def convolution(x, w, name, stride):
    kernel, padded = w[f"{name}.weight"], np.pad(x, ((1, 1), (0, 0)))
    at = stride * np.arange((len(x) - 1) // stride + 1)
    return gelu(np.concatenate([padded[at], padded[at + 1], padded[at + 2]], 1) @ kernel.transpose(2, 1, 0).reshape(-1, len(kernel)) + w[f"{name}.bias"])


def positions(count, size=512):
    angle = np.arange(count)[:, None] * np.exp(-np.log(10000) / (size // 2 - 1) * np.arange(size // 2))
    return np.concatenate([np.sin(angle), np.cos(angle)], 1).astype(np.float32)


def encode(mel, w):
    x = convolution(convolution(mel, w, "conv1", 1), w, "conv2", 2)
    x = x + positions(len(x))
    for block in range(3):
        name = f"layers.{block}."
        y = normed(x, w, name + "self_attn_layer_norm")
        heads = lambda part, bias=0: (y @ w[f"{name}self_attn.{part}_proj.weight"].T + bias).reshape(-1, 8, 64).transpose(1, 0, 2)
        q, k, v = heads("q", w[name + "self_attn.q_proj.bias"]), heads("k"), heads("v", w[name + "self_attn.v_proj.bias"])
        scores = q @ k.transpose(0, 2, 1) / 8
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        attended = (scores / scores.sum(-1, keepdims=True)) @ v
        x = x + attended.transpose(1, 0, 2).reshape(-1, 512) @ w[name + "self_attn.out_proj.weight"].T + w[name + "self_attn.out_proj.bias"]
        y = gelu(normed(x, w, name + "final_layer_norm") @ w[name + "fc1.weight"].T + w[name + "fc1.bias"])
        x = x + y @ w[name + "fc2.weight"].T + w[name + "fc2.bias"]
    return x


def chirp(count):
    """What tests/encoder makes, too: a tone that rises and swells."""
    i = np.arange(count)
    return (0.3 * np.sin((0.05 + i / count / 4) * i) * (1 + np.sin(i / 900))).astype(np.float32)


def text(values):
    return base64.b64encode(np.ascontiguousarray(values, np.float32).tobytes()).decode()


w = weights()
golden = {"chirps": [], "clips": []}
for count in [9600, 3001]:
    mel = log_mel(chirp(count))
    golden["chirps"].append({"samples": count, "frames": len(mel), "mel": text(mel), "states": text(encode(mel, w))})
for clip in CLIPS:
    samples, rate = soundfile.read(ROOT / f"data/emodb/{clip}.flac", dtype="float32")
    mean = encode(log_mel(soxr.resample(samples, rate, 16000, quality="HQ")), w).mean(0)
    golden["clips"].append({"clip": clip, "mean": text(mean)})
(ROOT / "tests/golden/encoder.json").write_text(json.dumps(golden, indent=1) + "\n")
