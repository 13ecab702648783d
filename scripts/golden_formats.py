"""Makes tests/golden/formats/ and tests/golden/formats.json: sound in many formats, and what libsndfile, ffmpeg and SoX decode of it.

    pip install soundfile==0.14.0    (and ffmpeg with its usual encoders, and sox with libsox-fmt-all)
    python scripts/golden_formats.py

The sound is a part of data/emodb/03a01Wa.flac (CC0). ffmpeg's files differ in a few bytes from version to version: make the
JSON anew with them. `lead` counts the samples of the encoder's delay that ffmpeg leaves at the start of a file that says
nothing of it, and the library does not. AAC is made without noise substitution, which each decoder does with its own noise.
"""

import base64
import hashlib
import json
import pathlib
import subprocess

import numpy as np
import soundfile

ROOT = pathlib.Path(__file__).parent.parent
GOLDEN = ROOT / "tests/golden"
FILES = GOLDEN / "formats"
CLIP = ROOT / "data/emodb/03a01Wa.flac"
AAC = ["-c:a", "aac", "-aac_pns", "0"]
VIDEO = ["-f", "lavfi", "-i", "color=c=black:s=32x32:r=5:d=0.2"]

# Equal to the bit, as 32-bit floats.
EXACT = {
    "ms-adpcm.wav": ["-c:a", "adpcm_ms"],
    "s16.w64": ["-c:a", "pcm_s16le"],
    "s24.w64": ["-c:a", "pcm_s24le"],
    "s16.au": ["-c:a", "pcm_s16be"],
    "f32.au": ["-c:a", "pcm_f32be"],
    "mulaw.au": ["-c:a", "pcm_mulaw"],
    "alaw.au": ["-c:a", "pcm_alaw"],
    "s8.aiff": ["-c:a", "pcm_s8"],
    "s16.aiff": ["-c:a", "pcm_s16be"],
    "s24.aiff": ["-c:a", "pcm_s24be"],
    "sowt.aiff": ["-c:a", "pcm_s16le"],
    "f32.aiff": ["-c:a", "pcm_f32be"],
    "f64.aiff": ["-c:a", "pcm_f64be"],
    "mulaw.aiff": ["-c:a", "pcm_mulaw"],
    "s16.caf": ["-c:a", "pcm_s16be"],
    "f32.caf": ["-c:a", "pcm_f32le"],
    "alaw.caf": ["-c:a", "pcm_alaw"],
    "stereo.aiff": ["-c:a", "pcm_s16be", "-af", "pan=stereo|c0=c0|c1=0.5*c0"],
}
# The same by ffmpeg's decoder: libsndfile has none, or one of lower precision.
EXACT_BY_FFMPEG = {
    "ima-adpcm.wav": ["-c:a", "adpcm_ima_wav"],
    "ima4.aiff": ["-c:a", "adpcm_ima_qt"],
    "ima4.caf": ["-c:a", "adpcm_ima_qt"],
    "alac.m4a": ["-c:a", "alac"],
    "pcm.mov": ["-c:a", "pcm_s16le"],
    "pcm.mkv": ["-c:a", "pcm_s16le"],
}
# By ffmpeg's decoder within a step of 16 bits or two: arguments, lead, decoder.
CLOSE = {
    "phone.m4a": ([*AAC, "-b:a", "48k"], 0, []),
    "fragments.mp4": ([*AAC, "-movflags", "frag_keyframe+empty_moov+default_base_moof"], 1024, []),
    "aac.mka": (AAC, 1024, []),
    "mp3.wav": (["-c:a", "libmp3lame", "-b:a", "48k"], 0, []),
    "opus.webm": (["-c:a", "libopus", "-b:a", "24k"], 0, ["-c:a", "libopus"]),
    "browser.webm": (["-c:a", "libopus", "-live", "1"], 0, []),
    "vorbis.webm": (["-c:a", "libvorbis"], 0, []),
    "wma1.wma": (["-c:a", "wmav1", "-b:a", "48k"], 0, []),
    "wma2.wma": (["-c:a", "wmav2", "-b:a", "48k"], 0, []),
}


def run(*arguments):
    return subprocess.run([str(a) for a in arguments], check=True, capture_output=True).stdout


def encode(name, arguments, seconds, inputs=()):
    run("ffmpeg", "-y", *inputs, "-ss", "0.5", "-t", seconds, "-i", CLIP, "-map_metadata", "-1", "-bitexact", *arguments, FILES / name)


def by_ffmpeg(name, decoder=()):
    """Samples, shape (n, channels), and their rate."""
    stream = json.loads(run("ffprobe", "-select_streams", "a", "-show_streams", "-of", "json", FILES / name))["streams"][0]
    samples = np.frombuffer(run("ffmpeg", *decoder, "-i", FILES / name, "-vn", "-f", "f32le", "-"), dtype="<f4")
    return samples.reshape(-1, stream["channels"]), int(stream["sample_rate"])


def by_sox(name):
    samples = np.frombuffer(run("sox", FILES / name, "-t", "raw", "-e", "signed", "-b", "16", "-"), dtype="<i2")
    return samples.reshape(-1, 1).astype(np.float32) / 32768, int(run("sox", "--i", "-r", FILES / name))


def exact(name, oracle, decoded):
    samples, rate = decoded
    mono = samples.mean(axis=1, dtype=np.float32) if samples.shape[1] > 1 else samples[:, 0]
    return dict(name=name, oracle=oracle, rate=rate, channels=samples.shape[1], length=len(mono),
                sha256=hashlib.sha256(np.ascontiguousarray(mono, dtype="<f4").tobytes()).hexdigest())


def close(name, oracle, decoded, lead=0):
    samples, rate = decoded
    steps = np.round(samples[:, 0] * 32767).astype("<i2")
    return dict(name=name, oracle=oracle, rate=rate, lead=lead, samples=base64.b64encode(steps.tobytes()).decode())


def main():
    FILES.mkdir(exist_ok=True)
    golden = dict(exact=[], close=[])
    for name, arguments in EXACT.items():
        encode(name, arguments, 0.1)
        golden["exact"].append(exact(name, "libsndfile", soundfile.read(FILES / name, dtype="float32", always_2d=True)))
    for name, arguments in EXACT_BY_FFMPEG.items():
        encode(name, arguments, 0.1)
        golden["exact"].append(exact(name, "ffmpeg", by_ffmpeg(name)))
    for name, (arguments, lead, decoder) in CLOSE.items():
        encode(name, arguments, 0.15)
        golden["close"].append(close(name, "ffmpeg", by_ffmpeg(name, decoder), lead))
    encode("video.mp4", [*AAC, "-b:a", "48k", "-c:v", "libx264"], 0.15, inputs=VIDEO)
    golden["close"].append(close("video.mp4", "ffmpeg", by_ffmpeg("video.mp4")))
    # Big-endian WAV, which ffmpeg neither writes nor reads.
    run("sox", FILES / "s16.aiff", "-B", FILES / "rifx.wav")
    golden["exact"].append(exact("rifx.wav", "libsndfile", soundfile.read(FILES / "rifx.wav", dtype="float32", always_2d=True)))
    # OpenCORE's decoder, which SoX has and ffmpeg may not.
    run("sox", CLIP, "-r", "8000", "-t", "amr-nb", FILES / "narrow.amr", "trim", "0.5", "0.15")
    golden["exact"].append(exact("narrow.amr", "SoX", by_sox("narrow.amr")))
    run("ffmpeg", "-y", "-i", FILES / "narrow.amr", "-c", "copy", "-bitexact", FILES / "narrow.3gp")
    golden["exact"].append(dict(golden["exact"][-1], name="narrow.3gp"))
    # The library decodes raw AAC of a low rate at twice the rate, 481 samples later.
    encode("stream.aac", AAC, 0.15)
    golden["close"].append(close("stream.aac", "ffmpeg", by_ffmpeg("stream.aac"), 1024 - 481))
    (GOLDEN / "formats.json").write_text(json.dumps(golden))


if __name__ == "__main__":
    main()
