"""Writes a run with MLflow's own client, and reads it and another one back: readback.py URI RUN_ID FOLDER.

Prints `{"theirs": ..., "ours": ...}` as JSON: every field of Python's own run, and of the run RUN_ID that was logged from Node. The one
written here is logged with the same values as the test logs.
"""
import hashlib
import json
import pathlib
import re
import sys

import mlflow
import numpy
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, LoggedModelOutput, LoggedModelStatus, Metric

uri, run_id, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
mlflow.set_tracking_uri(uri)
client = MlflowClient(uri)


def write():
    experiment = client.get_run(run_id).info.experiment_id
    with mlflow.start_run(experiment_id=experiment, run_name="all", tags={"team": "x"}) as run:
        own = run.info.run_id
        for first in (0, 1000):
            client.log_batch(own, [Metric("train/loss", 1 / (step + 1), 1000 + step, step) for step in range(first, min(1500, first + 1000))])
        client.log_batch(own, [Metric("bad", float("nan"), 5, 0), Metric("high", float("inf"), 5, 0), Metric("low", float("-inf"), 5, 0)])
        mlflow.log_params({"lr": 0.0001, "nested": '{"a":[1]}'})
        mlflow.set_tag("mlflow.note.content", "# Title")
        mlflow.log_text("text", "notes/a.txt")
        # What log_figure does once its library has drawn: a file among the artifacts.
        mlflow.log_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', "figures/curve.svg")
        (folder / "curve.pdf").write_bytes(b"%PDF")
        mlflow.log_artifact(str(folder / "curve.pdf"), "figures")
        mlflow.log_dict({"a": [1, 2]}, "notes/a.json")
        mlflow.log_table({"method": ["a", "b"], "psnr": [30.5, 31.5]}, "tables/scores.json")
        mlflow.log_table({"x": [1, 2]}, "tables/x.json")
        mlflow.log_image(numpy.full((32, 32, 3), 99, numpy.uint8), key="test/sr", step=5, timestamp=77)
        client.log_inputs(own, [DatasetInput(Dataset("dentin", "abc", "local", '{"uri": "/d"}', schema='{"s": 1}', profile='{"n": 2}'), [InputTag("mlflow.data.context", "training")])])
        model = client.create_logged_model(experiment, name="edsr", source_run_id=own, params={"depth": "8"}, tags={"kind": "sr"})
        files = folder / "model"
        files.mkdir()
        (files / "model.onnx").write_bytes(bytes(50_000))
        mlflow.models.Model(flavors={"onnx": {"data": "model.onnx"}}).save(str(files / "MLmodel"))
        client.log_model_artifacts(model.model_id, str(files))
        client.finalize_logged_model(model.model_id, LoggedModelStatus.READY)
        client.log_outputs(own, [LoggedModelOutput(model.model_id, 9)])
    return own


def read(of):
    run = client.get_run(of)
    root = pathlib.Path(mlflow.artifacts.download_artifacts(run_id=of, dst_path=str(folder / of)))
    # What each client draws by lot is shown as one word.
    artifacts = {re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "UUID", str(path.relative_to(root))): [path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest()]
                 for path in sorted(root.rglob("*")) if path.is_file()}
    histories = {
        key: [[point.step, repr(point.value), point.timestamp] for point in sorted(client.get_metric_history(of, key), key=lambda point: point.step)]
        for key in run.data.metrics
    }
    tables = [entry["path"] for entry in json.loads(run.data.tags.get("mlflow.loggedArtifacts", "[]"))]
    models = [(output.step, client.get_logged_model(output.model_id)) for output in run.outputs.model_outputs]
    loaded = [pathlib.Path(mlflow.artifacts.download_artifacts(artifact_uri=model.artifact_location)) for _, model in models]
    return {
        "status": run.info.status, "name": run.info.run_name, "user": run.info.user_id, "stage": run.info.lifecycle_stage, "ended": run.info.end_time >= run.info.start_time,
        "params": run.data.params, "tags": run.data.tags, "histories": histories, "artifacts": artifacts,
        "datasets": [{**dict(item.dataset), "tags": {tag.key: tag.value for tag in item.tags}} for item in run.inputs.dataset_inputs],
        "tables": {path: client.load_table(run.info.experiment_id, path, run_ids=[of]).to_dict("list") for path in tables},
        "models": [{"step": step, "name": model.name, "status": str(model.status), "params": model.params, "tags": {key: value for key, value in model.tags.items() if key == "kind"},
                    "of this run": model.source_run_id == of} for step, model in models],
        "model files": [{path.name: path.stat().st_size for path in sorted(at.iterdir()) if path.name != "MLmodel"} for at in loaded],
        "flavors": [mlflow.models.Model.load(str(at)).flavors for at in loaded],
    }


print(json.dumps({"theirs": read(write()), "ours": read(run_id)}))
