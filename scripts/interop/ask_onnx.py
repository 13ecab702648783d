"""Checks ONNX files and asks ONNX Runtime what they answer: `npm run interop` calls it.

usage: python3 scripts/interop/ask_onnx.py FOLDER

FOLDER/questions.json says by the name of each file what it is asked: inputs by name, as shape and numbers (base64 of float32).
What is answered goes to FOLDER/answers.json.
"""

import base64
import json
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

CALLS = 40

folder = Path(sys.argv[1])


def array(given):
    return np.frombuffer(base64.b64decode(given["values"]), np.float32).reshape(given["shape"])


def fastest_milliseconds(session, inputs):
    times = []
    for _ in range(CALLS):
        start = time.perf_counter()
        session.run(None, inputs)
        times.append(1000 * (time.perf_counter() - start))
    return min(times)


answers = {"versions": {"onnx": onnx.__version__, "onnxruntime": onnxruntime.__version__}, "files": {}}
for name, questions in json.loads((folder / "questions.json").read_text()).items():
    path = folder / f"{name}.onnx"
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    asked = [{key: array(given) for key, given in question.items()} for question in questions]
    answers["files"][name] = {
        "answers": [base64.b64encode(session.run(["probabilities"], inputs)[0].tobytes()).decode() for inputs in asked],
        "milliseconds": fastest_milliseconds(session, asked[-1]),
    }
(folder / "answers.json").write_text(json.dumps(answers))
