"""The published definition of ONNX files as TypeScript: src/exchange/onnx-proto.ts.

usage: python3 scripts/onnx_proto.py   (needs onnx==1.23.2, grpcio-tools==1.85.1, npm)
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import onnx

ROOT = Path(__file__).resolve().parent.parent
TARGET = "src/exchange/onnx-proto.ts"
# Of the same version as the package that reads and writes what it makes.
PLUGIN = "@bufbuild/protoc-gen-es@2.17.0"

with tempfile.TemporaryDirectory() as folder:
    subprocess.run(["npm", "install", "--ignore-scripts", "--no-audit", "--prefix", folder, PLUGIN], check=True, stdout=sys.stderr)
    subprocess.run(
        [
            *(sys.executable, "-m", "grpc_tools.protoc", f"-I{Path(onnx.__file__).parent}", "onnx.proto"),
            *(f"--plugin=protoc-gen-es={folder}/node_modules/.bin/protoc-gen-es", f"--es_out={folder}", "--es_opt=target=ts"),
        ],
        check=True,
    )
    (ROOT / TARGET).write_text((Path(folder) / "onnx_pb.ts").read_text())
subprocess.run(["npx", "biome", "check", "--write", TARGET], check=True, cwd=ROOT, stdout=sys.stderr)
