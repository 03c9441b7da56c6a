"""Python's side of the benchmark: one process, told on standard input what to log, as `KIND COUNT SECONDS` a line.

Answers each line with `COUNT SECONDS`: how many items were logged, and how long that took, delivery included. The one-by-one kinds
stop after SECONDS, since their cost does not depend on how many there are.
"""
import pathlib
import sys
import time

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Metric

uri, folder = sys.argv[1], pathlib.Path(sys.argv[2])
mlflow.set_tracking_uri(uri)
mlflow.set_experiment("bench")
client = MlflowClient(uri)


def one_by_one(count, seconds, log):
    start = time.perf_counter()
    for done in range(count):
        if time.perf_counter() - start > seconds:
            return done
        log(done)
    return count


def metrics(count, seconds):
    return one_by_one(count, seconds, lambda step: mlflow.log_metric("m", step / 7, step=step))


def metrics_async(count, _seconds):
    for step in range(count):
        mlflow.log_metric("m", step / 7, step=step, synchronous=False)
    mlflow.flush_async_logging()
    return count


def batches(count, _seconds):
    now = int(time.time() * 1000)
    run_id = mlflow.active_run().info.run_id
    for first in range(0, count, 1000):
        client.log_batch(run_id, [Metric("m", step / 7, now, step) for step in range(first, min(count, first + 1000))])
    return count


def artifacts(count, seconds):
    return one_by_one(count, seconds, lambda index: mlflow.log_artifact(str(folder / "all" / f"{index}.txt")))


def artifact_folder(_count, _seconds):
    part = folder / "part"
    mlflow.log_artifacts(str(part))
    return len(list(part.iterdir()))


KINDS = {"metrics": metrics, "metrics-async": metrics_async, "batches": batches, "artifacts": artifacts, "artifact-folder": artifact_folder}
print("ready", flush=True)
for line in sys.stdin:
    kind, count, seconds = line.split()
    with mlflow.start_run():
        start = time.perf_counter()
        done = KINDS[kind](int(count), float(seconds))
        taken = time.perf_counter() - start
    print(done, taken, flush=True)
