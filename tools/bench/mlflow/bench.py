"""Python's side of the benchmark: bench.py URI KIND COUNT DIR prints the seconds that logging took, delivery included."""
import pathlib
import sys
import time

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Metric

uri, kind, count, folder = sys.argv[1], sys.argv[2], int(sys.argv[3]), pathlib.Path(sys.argv[4])
mlflow.set_tracking_uri(uri)
mlflow.set_experiment("bench")
client = MlflowClient(uri)
with mlflow.start_run() as run:
    start = time.perf_counter()
    if kind == "metric":
        for step in range(count):
            mlflow.log_metric("m", step / 7, step=step)
    elif kind == "metric-async":
        for step in range(count):
            mlflow.log_metric("m", step / 7, step=step, synchronous=False)
        mlflow.flush_async_logging()
    elif kind == "batch":
        now = int(time.time() * 1000)
        for first in range(0, count, 1000):
            client.log_batch(run.info.run_id, [Metric("m", step / 7, now, step) for step in range(first, min(count, first + 1000))])
    elif kind == "artifact":
        for index in range(count):
            mlflow.log_artifact(str(folder / f"{index}.txt"))
    seconds = time.perf_counter() - start
print(seconds)
