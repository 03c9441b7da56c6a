"""Times every way to compute a convolution and its gradients in TensorFlow on a CPU, shape by shape (see README.md)."""
import argparse
import os
import time

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np
import tensorflow as tf

v1 = tf.compat.v1
v1.disable_eager_execution()

# batch, side, channels, kernel, stride, filters, padding
SHAPES = [
    (1, 66, 64, 4, 2, 128, "VALID"), (1, 34, 128, 4, 2, 256, "VALID"), (1, 18, 256, 4, 2, 512, "VALID"), (1, 6, 512, 4, 2, 512, "VALID"),
    (1, 2, 512, 4, 2, 512, "SAME"), (1, 8, 512, 4, 2, 1024, "SAME"), (1, 16, 256, 4, 2, 1024, "SAME"), (1, 64, 64, 4, 2, 256, "SAME"),
    (1, 18, 256, 4, 1, 512, "VALID"), (1, 17, 512, 4, 1, 1, "VALID"), (1, 34, 256, 3, 1, 256, "VALID"), (1, 134, 64, 7, 1, 1, "VALID"),
    (1, 134, 1, 7, 1, 64, "VALID"), (1, 130, 64, 3, 2, 128, "VALID"), (1, 64, 128, 3, 2, 256, "SAME"), (4, 34, 256, 3, 1, 256, "VALID"),
    (16, 24, 64, 3, 1, 64, "SAME"), (16, 48, 64, 3, 1, 256, "SAME"), (16, 96, 64, 3, 1, 1, "SAME"), (16, 64, 32, 5, 1, 32, "SAME"),
    (16, 32, 128, 5, 1, 64, "SAME"), (16, 24, 12, 3, 1, 12, "SAME"), (16, 24, 1, 5, 1, 56, "SAME"), (16, 96, 1, 9, 4, 56, "SAME"),
]


def stored(*shape):
    rng = np.random.default_rng(sum(shape))
    variable = v1.get_variable(f"v{len(v1.global_variables())}", initializer=tf.constant(rng.standard_normal(shape).astype("f")))
    return variable.read_value()


def own(x, w, low, high, stride=1, dilation=1):
    return tf.raw_ops.Conv(input=x, filter=w, strides=[1, stride, stride, 1], padding="EXPLICIT",
                           explicit_paddings=[0, 0, low, high, low, high, 0, 0], dilations=[1, dilation, dilation, 1])


def candidates(n, side, c, k, s, o, padding):
    out = (side - k) // s + 1 if padding == "VALID" else -(-side // s)
    total = 0 if padding == "VALID" else max(0, (out - 1) * s + k - side)
    low, high = total // 2, total - total // 2
    reach, count = (out - 1) * s + k, n * out * out
    x, w, dy = stored(n, side, side, c), stored(k, k, c, o), stored(n, out, out, o)
    strides, explicit = [1, s, s, 1], [[0, 0], [low, high], [low, high], [0, 0]]
    seen = tf.reshape(v1.extract_image_patches(x, [1, k, k, 1], strides, [1, 1, 1, 1], padding), [count, k * k * c])
    within = tf.pad(x, [[0, 0], [low, max(0, reach - side - low)], [low, max(0, reach - side - low)], [0, 0]])[:, :reach, :reach, :]

    forward = {"onednn": tf.nn.conv2d(x, w, strides, padding), "own": own(x, w, low, high, s),
               "product": tf.reshape(tf.matmul(seen, tf.reshape(w, [-1, o])), [n, out, out, o])}
    if o == 1 and s == 1:
        planes = tf.reshape(tf.matmul(tf.reshape(w, [k * k, c]), tf.reshape(within, [-1, c]), transpose_b=True), [k * k, n, reach, reach])
        forward["planes"] = tf.reshape(tf.add_n([planes[i * k + j, :, i:i + out, j:j + out] for i in range(k) for j in range(k)]), [n, out, out, 1])

    by_filter = {"onednn": v1.nn.conv2d_backprop_filter(x, [k, k, c, o], dy, strides, padding), "own": v1.nn.conv2d_backprop_filter(x, [k, k, c, o], dy, strides, explicit),
                 "product": tf.reshape(tf.matmul(seen, tf.reshape(dy, [count, o]), transpose_a=True), [k, k, c, o]),
                 "turned": tf.transpose(own(tf.transpose(within, [3, 1, 2, 0]), tf.transpose(dy, [1, 2, 0, 3]), 0, 0, dilation=s), [1, 2, 0, 3])}
    if o == 1 and s == 1:
        taps = v1.extract_image_patches(tf.pad(dy, [[0, 0], [k - 1, k - 1], [k - 1, k - 1], [0, 0]]), [1, k, k, 1], [1, 1, 1, 1], [1, 1, 1, 1], "VALID")
        by_filter["planes"] = tf.reshape(tf.reverse(tf.matmul(tf.reshape(taps, [-1, k * k]), tf.reshape(within, [-1, c]), transpose_a=True), [0]), [k, k, c, 1])

    blocks = -(-k // s)
    sent = tf.reshape(tf.matmul(tf.reshape(dy, [count, o]), tf.reshape(w, [k * k * c, o]), transpose_b=True), [count, k, k, c])
    sent = tf.pad(sent, [[0, 0], [0, blocks * s - k], [0, blocks * s - k], [0, 0]])
    full = max((out + blocks - 1) * s, side + low)
    parts = []
    for i in range(blocks):
        for j in range(blocks):
            part = tf.reshape(sent[:, i * s:(i + 1) * s, j * s:(j + 1) * s, :], [n, out, out, s * s * c])
            part = v1.depth_to_space(part, s) if s > 1 else part
            parts.append(tf.pad(part, [[0, 0], [i * s, full - (i + out) * s], [j * s, full - (j + out) * s], [0, 0]]))
    by_input = {"onednn": v1.nn.conv2d_backprop_input([n, side, side, c], w, dy, strides, padding), "own": v1.nn.conv2d_backprop_input([n, side, side, c], w, dy, strides, explicit),
                "product": tf.slice(tf.add_n(parts), [0, low, low, 0], [n, side, side, c])}
    return {"forward": forward, "filter": by_filter, "input": by_input}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", choices=["forward", "filter", "input"])
    options = parser.parse_args()
    for shape in SHAPES:
        n, side, c, k, s, o, padding = shape
        print(f"{n} x {side}^2 x {c}, kernel {k}, stride {s}, {o} filters, {padding}")
        with tf.Graph().as_default():
            groups = candidates(*shape)
            session = v1.Session(config=v1.ConfigProto(intra_op_parallelism_threads=options.threads, inter_op_parallelism_threads=1))
            session.run(v1.global_variables_initializer())
            for group, ways in groups.items():
                if options.only and group != options.only:
                    continue
                reference, times = session.run(ways["onednn"]), {name: [] for name in ways}
                for name, tensor in ways.items():
                    error = np.abs(session.run(tensor) - reference).max() / np.abs(reference).max()
                    assert error < 1e-4, f"{group} {name} differs by {error}"
                for _ in range(options.rounds):
                    for name, tensor in ways.items():
                        start = time.perf_counter()
                        session.run(tensor.op)
                        times[name].append((time.perf_counter() - start) * 1e3)
                print(f"  {group:8s}" + "  ".join(f"{name} {sorted(t)[len(t) // 2]:8.2f} ms" for name, t in times.items()), flush=True)


main()
