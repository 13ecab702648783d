"""Makes tests/golden/tensorboard.json: events as TensorBoard itself writes them, to compare src/exchange/event-file.ts with.

    pip install tensorboard==2.21.0
    python scripts/golden_tensorboard.py
"""

import base64
import json
import pathlib
import tempfile

from google.protobuf import struct_pb2
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, tensor_shape_pb2, types_pb2
from tensorboard.plugins.hparams import plugin_data_pb2
from tensorboard.summary.writer.event_file_writer import EventFileWriter

PNG = bytes(range(40))


def event(seconds, step, value):
    return event_pb2.Event(wall_time=seconds, step=step, summary=summary_pb2.Summary(value=[value]))


def metadata(plugin, content=b""):
    return summary_pb2.SummaryMetadata(plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name=plugin, content=content))


def shape(size):
    return tensor_shape_pb2.TensorShapeProto(dim=[tensor_shape_pb2.TensorShapeProto.Dim(size=size)])


def hparams(tag, **content):
    return summary_pb2.Summary.Value(
        tag=tag,
        tensor=tensor_pb2.TensorProto(dtype=types_pb2.DT_FLOAT, tensor_shape=shape(0)),
        metadata=metadata("hparams", plugin_data_pb2.HParamsPluginData(**content).SerializeToString(deterministic=True)),
    )


start = plugin_data_pb2.SessionStartInfo(start_time_secs=1000.5)
# In alphabetical order, in which deterministic maps are written.
for name, value in dict(a="x", b=0.25, c=True, d=False, e=0.0, f="").items():
    start.hparams[name].CopyFrom(
        struct_pb2.Value(string_value=value)
        if isinstance(value, str)
        else struct_pb2.Value(bool_value=value) if isinstance(value, bool) else struct_pb2.Value(number_value=value)
    )

text = tensor_pb2.TensorProto(dtype=types_pb2.DT_STRING, tensor_shape=shape(1), string_val=["# Ünïcode\n\n| a |\n".encode()])
events = [
    event(1000.5, 0, hparams("_hparams_/session_start_info", session_start_info=start)),
    event(1001.25, 1, summary_pb2.Summary.Value(tag="loss", simple_value=0.5)),
    event(1002.0, 300, summary_pb2.Summary.Value(tag="loss", simple_value=float("nan"))),
    event(1003.0, 2, summary_pb2.Summary.Value(tag="picture", image=summary_pb2.Summary.Image(height=300, width=7, colorspace=4, encoded_image_string=PNG))),
    event(1004.0, 0, summary_pb2.Summary.Value(tag="words", tensor=text, metadata=metadata("text"))),
    event(
        1005.0,
        0,
        hparams(
            "_hparams_/session_end_info",
            session_end_info=plugin_data_pb2.SessionEndInfo(status="STATUS_SUCCESS", end_time_secs=1005.0),
        ),
    ),
]

with tempfile.TemporaryDirectory() as folder:
    writer = EventFileWriter(folder)
    for each in events:
        writer.add_event(each)
    writer.close()
    (path,) = pathlib.Path(folder).iterdir()
    content = path.read_bytes()

# The first record, with the version, has the time of writing: it is left out.
length = int.from_bytes(content[:8], "little") + 16
(pathlib.Path(__file__).parent.parent / "tests/golden/tensorboard.json").write_text(
    json.dumps({"png": base64.b64encode(PNG).decode(), "events": base64.b64encode(content[length:]).decode()}, indent=1) + "\n"
)
