"""Prints each REST endpoint that MLflow's server registers, a line of method and path each."""
from mlflow.server import handlers

print("\n".join(sorted({f"{method} {path}" for path, _, methods in handlers.get_endpoints() if path.startswith("/api/") for method in methods})))
