"""onnxruntime's Python on the same file."""
import json, os, sys, time
import numpy as np
import onnxruntime

threads, folder = int(sys.argv[1]), sys.argv[2]
clock = time.process_time if os.environ.get("BENCH_CLOCK") == "cpu" else time.perf_counter
session = image = sr = None
for line in sys.stdin:
    verb, *rest = line.split()
    start = clock()
    if verb == "prepare":
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        session = onnxruntime.InferenceSession(f"{folder}/{rest[0]}.onnx", options, providers=["CPUExecutionProvider"])
        size = json.load(open(f"{folder}/{rest[0]}.json"))["size"]
        image = np.fromfile(f"{folder}/{rest[0]}.raw", dtype="float32").reshape(1, 1, *size)
    elif verb == "run":
        (sr,) = session.run(None, {"lr": image})
    print(float(sr.astype("float64").mean()) if verb == "sum" else (clock() - start) * 1000, flush=True)
