"""Reads a run back with MLflow's own client and prints all fields as JSON: readback.py URI RUN_ID [DOWNLOAD_DIR]."""
import json
import pathlib
import sys

import mlflow
from mlflow import MlflowClient

uri, run_id, target = sys.argv[1:4]
mlflow.set_tracking_uri(uri)
client = MlflowClient(uri)
run = client.get_run(run_id)
root = pathlib.Path(mlflow.artifacts.download_artifacts(run_id=run_id, dst_path=target))
artifacts = {str(path.relative_to(root)): path.stat().st_size for path in sorted(root.rglob("*")) if path.is_file()}
histories = {
    key: [[point.step, repr(point.value), point.timestamp] for point in sorted(client.get_metric_history(run_id, key), key=lambda point: point.step)]
    for key in run.data.metrics
}
tables = [entry["path"] for entry in json.loads(run.data.tags.get("mlflow.loggedArtifacts", "[]"))]
models = [client.get_logged_model(output.model_id) for output in run.outputs.model_outputs]
loaded = [mlflow.models.Model.load(mlflow.artifacts.download_artifacts(artifact_uri=model.artifact_location)) for model in models]
print(json.dumps({
    "status": run.info.status, "name": run.info.run_name, "start": run.info.start_time, "end": run.info.end_time, "user": run.info.user_id,
    "params": run.data.params, "tags": run.data.tags, "histories": histories, "artifacts": artifacts,
    "datasets": [{"name": item.dataset.name, "digest": item.dataset.digest, "source": item.dataset.source, "tags": {tag.key: tag.value for tag in item.tags}} for item in run.inputs.dataset_inputs],
    "tables": {path: client.load_table(run.info.experiment_id, path, run_ids=[run_id]).to_dict("list") for path in tables},
    "models": [{"name": model.name, "status": str(model.status), "params": model.params, "tags": model.tags, "source": model.source_run_id} for model in models],
    "flavors": [model.flavors for model in loaded],
}))
