"""The same job in Python, with librosa and Keras, for `npm run bench`: one task a process, the result as JSON.

Usage: theirs.py TASK OPTIONS, the options as JSON; see the functions named `task_...`.
"""

import json
import multiprocessing
import os
import pathlib
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def decibels(path):
    """The mel spectrogram of a recording in decibels, shape (128, frames)."""
    import librosa

    samples, rate = librosa.load(path, sr=22050)
    return librosa.power_to_db(librosa.feature.melspectrogram(y=samples, sr=rate, n_mels=128))


def features(path):
    """The network's input, shape (128, 87)."""
    import librosa

    values = decibels(path)
    scaled = (values - values.mean()) / (values.std() + 1e-8)
    return librosa.util.fix_length(scaled, size=87, axis=1).astype("float32")


def extract(paths, workers):
    """The network's input for each recording, one after another."""
    if workers == 1:
        yield from map(features, paths)
        return
    with multiprocessing.Pool(workers) as pool:
        yield from pool.imap(features, paths, chunksize=16)


def save(task):
    """Writes the mel spectrogram of a recording as a NumPy file."""
    import numpy as np

    path, target = task
    np.save(target, decibels(path))


def network(classes, filters=(256, 128, 128, 64)):
    from tensorflow.keras import Sequential, layers

    model = Sequential([layers.Input((128, 87))])
    for i, count in enumerate(filters):
        model.add(layers.Conv1D(count, 5, padding="same", activation="relu"))
        model.add(layers.MaxPooling1D(5, strides=2, padding="same"))
        if i:
            model.add(layers.Dropout(0.2))
    model.add(layers.Flatten())
    for units in (64, 32):
        model.add(layers.Dense(units, activation="relu"))
        model.add(layers.Dropout(0.3))
    model.add(layers.Dense(classes, activation="softmax"))
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    return model


def timed_fit(model, train, validation, epochs, callbacks=(), batch_size=32):
    """Trains, and returns the seconds of each epoch, validation included. What comes in batches has no `batch_size`."""
    import tensorflow as tf

    class Clock(tf.keras.callbacks.Callback):
        seconds = []

        def on_epoch_begin(self, epoch, logs=None):
            self.begun = time.perf_counter()

        def on_epoch_end(self, epoch, logs=None):
            self.seconds.append(time.perf_counter() - self.begun)

    clock = Clock()
    # First in the list, so that an epoch includes what the others do at its end.
    model.fit(*train, validation_data=validation, epochs=epochs, batch_size=batch_size, verbose=0, callbacks=[*callbacks, clock])
    return clock.seconds


def task_check(paths):
    """Decibels of some recordings, and the network's size, to compare."""
    return dict(
        decibels=[decibels(path).ravel().round(4).tolist() for path in paths],
        parameters=network(7).count_params(),
    )


def task_features(paths, workers):
    return dict(clips=sum(1 for _ in extract(paths, workers)))


def task_npy(paths, root, out, workers):
    """A NumPy file for each recording, in the same folders."""
    targets = [pathlib.Path(out, pathlib.Path(path).relative_to(root)).with_suffix(".npy") for path in paths]
    for folder in {target.parent for target in targets}:
        folder.mkdir(parents=True, exist_ok=True)
    with multiprocessing.Pool(workers) as pool:
        return dict(files=sum(1 for _ in pool.imap(save, zip(paths, targets), chunksize=16)))


def task_epochs(clips, epochs, filters):
    """Training on noise: how long an epoch takes does not depend on the values."""
    import numpy as np

    random = np.random.default_rng(1)
    x = random.standard_normal((clips, 128, 87), dtype="float32")
    y = np.eye(7, dtype="float32")[np.arange(clips) % 7]
    split = clips // 5
    return dict(seconds=timed_fit(network(7, filters), (x[split:], y[split:]), (x[:split], y[:split]), epochs))


def task_run(paths, emotions, epochs, workers, model):
    """Features, training with early stopping and checkpoints, evaluation."""
    import numpy as np
    import tensorflow as tf
    from sklearn.metrics import classification_report, confusion_matrix
    from sklearn.model_selection import train_test_split

    x = np.stack(list(extract(paths, workers)))
    labels = sorted(set(emotions))
    y = np.array([labels.index(emotion) for emotion in emotions])
    one_hot = np.eye(len(labels), dtype="float32")[y]
    train, test = train_test_split(np.arange(len(y)), test_size=0.2, stratify=y, random_state=42)
    net = network(len(labels))
    stop = tf.keras.callbacks.EarlyStopping("val_loss", patience=epochs, restore_best_weights=True)
    keep = tf.keras.callbacks.ModelCheckpoint(model, monitor="val_accuracy", mode="max", save_best_only=True)
    seconds = timed_fit(net, (x[train], one_hot[train]), (x[test], one_hot[test]), epochs, [stop, keep])
    predicted = net.predict(x[test], verbose=0).argmax(1)
    classification_report(y[test], predicted, zero_division=0)
    confusion_matrix(y[test], predicted)
    return dict(seconds=seconds, accuracy=float((predicted == y[test]).mean()))


def task_predict(paths, model):
    import numpy as np
    import tensorflow as tf

    net = tf.keras.models.load_model(model)
    probabilities = net.predict(np.stack([features(path) for path in paths]), verbose=0)
    return dict(predicted=probabilities.argmax(1).tolist())


def whisper_session(weights):
    """The encoder's blocks as an ONNX model, and onnxruntime's session of it: mel (n, 80, frames), places (positions, 512)."""
    import numpy as np
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    data = pathlib.Path(weights).read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    header.pop("__metadata__", None)
    constants, nodes = [], []

    def constant(name, values):
        constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))

    def op(kind, *inputs, **attributes):
        output = f"{kind}_{len(nodes)}"
        nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = np.frombuffer(data[8 + size + begin : 8 + size + end], np.float16).reshape(entry["shape"]).astype("float32")
        constant(name.removeprefix("model.encoder."), values.T if values.ndim == 2 else values)
    constant("by head", np.array([0, 0, 8, 64]))
    constant("together", np.array([0, 0, 512]))
    constant("eighth", np.float32(1 / 8))
    layer = lambda x, name: op("Add", op("MatMul", x, f"{name}.weight"), f"{name}.bias")
    norm = lambda x, name: op("LayerNormalization", x, f"{name}.weight", f"{name}.bias", epsilon=1e-5)
    split = lambda x, order: op("Transpose", op("Reshape", x, "by head"), perm=order)
    x = op("Gelu", op("Conv", "mel", "conv1.weight", "conv1.bias", pads=[1, 1]))
    x = op("Gelu", op("Conv", x, "conv2.weight", "conv2.bias", pads=[1, 1], strides=[2]))
    x = op("Add", op("Transpose", x, perm=[0, 2, 1]), "places")
    for block in ("layers.0", "layers.1", "layers.2"):
        name = f"{block}.self_attn"
        y = norm(x, f"{name}_layer_norm")
        queries = split(layer(y, f"{name}.q_proj"), [0, 2, 1, 3])
        keys = split(op("MatMul", y, f"{name}.k_proj.weight"), [0, 2, 3, 1])
        values = split(layer(y, f"{name}.v_proj"), [0, 2, 1, 3])
        mixed = op("MatMul", op("Softmax", op("Mul", op("MatMul", queries, keys), "eighth")), values)
        x = op("Add", x, layer(op("Reshape", op("Transpose", mixed, perm=[0, 2, 1, 3]), "together"), f"{name}.out_proj"))
        y = layer(norm(x, f"{block}.final_layer_norm"), f"{block}.fc1")
        x = op("Add", x, layer(op("Gelu", y), f"{block}.fc2"))
    value = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
    inputs = [value("mel", ["n", 80, "frames"]), value("places", ["positions", 512])]
    graph = helper.make_graph(nodes, "whisper", inputs, [value(x, ["n", "positions", 512])], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    return onnxruntime.InferenceSession(model.SerializeToString())


def places(count):
    """Sinusoidal positions, shape (count, 512)."""
    import numpy as np

    angle = np.arange(count)[:, None] * np.exp(-np.log(10000) / 255 * np.arange(256))
    return np.concatenate([np.sin(angle), np.cos(angle)], 1).astype("float32")


def log_mel(path):
    """What Whisper hears of a recording, shape (80, frames)."""
    import librosa
    import numpy as np

    samples, rate = librosa.load(path, sr=16000)
    samples = samples * (0.05 / max(1e-6, np.sqrt(np.mean(samples**2))))
    power = librosa.feature.melspectrogram(y=samples, sr=rate, n_fft=400, hop_length=160, n_mels=80, pad_mode="reflect")
    mel = np.log10(np.maximum(power[:, :-1], 1e-10))
    return ((np.maximum(mel, mel.max() - 8) + 4) / 4).astype("float32")


def task_encode(weights, frames, together, calls):
    """Milliseconds a clip of a made-up spectrogram, after a few calls that do not count, and the first of its states."""
    import numpy as np

    session = whisper_session(weights)
    mel = np.sin(np.arange(80 * frames) * 0.37).astype("float32").reshape(1, 80, frames).repeat(together, 0)
    fed = dict(mel=mel, places=places((frames + 1) // 2))
    milliseconds = []
    for _ in range(calls):
        begun = time.perf_counter()
        (states,) = session.run(None, fed)
        milliseconds.append((time.perf_counter() - begun) / together * 1000)
    return dict(milliseconds=milliseconds, states=states[0, :, :8].ravel().tolist())


def task_encoder_run(paths, emotions, weights, workers):
    """Log-mel spectrograms, vectors of the encoder, a linear discriminant, evaluation."""
    import numpy as np
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.metrics import classification_report, confusion_matrix
    from sklearn.model_selection import train_test_split

    with multiprocessing.Pool(workers) as pool:
        mels = pool.map(log_mel, paths, chunksize=16)
    session = whisper_session(weights)
    encode = lambda mel: session.run(None, dict(mel=mel[None], places=places((mel.shape[1] + 1) // 2)))[0][0].mean(0)
    x, y = np.stack([encode(mel) for mel in mels]), np.array(emotions)
    train, test = train_test_split(np.arange(len(y)), test_size=0.2, stratify=y, random_state=42)
    head = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.3).fit(x[train], y[train])
    predicted = head.predict(x[test])
    classification_report(y[test], predicted, zero_division=0)
    confusion_matrix(y[test], predicted)
    return dict(accuracy=float((predicted == y[test]).mean()))


def task_versions():
    from importlib.metadata import version

    names = ("tensorflow-cpu", "keras", "librosa", "numpy", "scipy", "soxr", "scikit-learn", "onnxruntime")
    return dict(python=sys.version.split()[0], **{name: version(name) for name in names})


if __name__ == "__main__":
    task, options = sys.argv[1], json.loads(pathlib.Path(sys.argv[2]).read_text())
    print(json.dumps(globals()[f"task_{task}"](**options)))
