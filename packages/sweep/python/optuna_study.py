"""Asks and tells a study of Optuna over a pipe.

Reads one JSON object a line on standard input and answers each with one on standard output: `{"error": text}` where
it cannot. Ends when its input does. The requests and answers are described in `src/search/study.ts`.

Every sampler is made anew for each trial, with random numbers of the search's seed and the trial's place alone: a
search that was stopped goes on as if it had not been.
"""

import hashlib
import json
import os
import sys
import warnings

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import Trial, TrialState

class Journal(optuna.storages.journal.JournalFileBackend):
    """Optuna's journal without an fsync for every parameter of every trial.

    A process that is killed loses nothing that it wrote; what a machine loses that loses its power is chosen again, the
    same, since points are a function of seed and place.
    """

    def append_logs(self, logs):
        """Appends lines, under the lock that other readers and writers know."""
        lines = "".join(json.dumps(log, separators=(",", ":")) + "\n" for log in logs)
        with optuna.storages.journal._file.get_lock_file(self._lock), open(self._file_path, "ab") as file:
            file.write(lines.encode("utf-8"))


STATES = {
    "complete": TrialState.COMPLETE,
    "pruned": TrialState.PRUNED,
    "fail": TrialState.FAIL,
}


class Sobol(optuna.samplers.QMCSampler):
    """Sobol's sequence over the whole space, also for the first trial, which Optuna draws at random."""

    def __init__(self, space, seed):
        super().__init__(qmc_type="sobol", scramble=True, seed=seed)
        self.space = space

    def infer_relative_search_space(self, study, trial):
        return self.space


def distribution(dimension):
    """What Optuna calls a dimension of the space."""
    if dimension["kind"] == "choice":
        return CategoricalDistribution(dimension["choices"])
    low, high, log = dimension["low"], dimension["high"], dimension["log"]
    if dimension["kind"] == "int":
        return IntDistribution(low, high, log=log, step=dimension["step"] or 1)
    return FloatDistribution(low, high, log=log, step=dimension["step"])


def suggest(trial, dimension):
    """A trial's value of a dimension."""
    name = dimension["name"]
    if dimension["kind"] == "choice":
        return trial.suggest_categorical(name, dimension["choices"])
    low, high, log = dimension["low"], dimension["high"], dimension["log"]
    if dimension["kind"] == "int":
        return trial.suggest_int(name, low, high, log=log, step=dimension["step"] or 1)
    return trial.suggest_float(name, low, high, log=log, step=dimension["step"])


def cut_torn_line(path):
    """Takes off a journal what a process that was killed left of its last line: nothing could be read behind it."""
    if not os.path.exists(path):
        return
    with open(path, "r+b") as file:
        content = file.read()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            file.truncate(whole)


def pruner(prune):
    """The pruner of a spec; none where it names none."""
    if prune is None:
        return optuna.pruners.NopPruner()
    kind = prune["kind"]
    if kind == "median":
        return optuna.pruners.MedianPruner(prune["startup"], prune["warmup"])
    if kind == "halving":
        return optuna.pruners.SuccessiveHalvingPruner(prune["least"], prune["reduction"])
    if kind == "hyperband":
        return optuna.pruners.HyperbandPruner(prune["least"], prune["most"], prune["reduction"])
    if kind == "wilcoxon":
        return optuna.pruners.WilcoxonPruner(p_threshold=prune["p"], n_startup_steps=prune["startup"])
    return optuna.pruners.PatientPruner(None, prune["patience"], prune["delta"])


class Pipe:
    """One study, its samplers, and the trials that run."""

    def __init__(self):
        self.study = None
        self.request = None
        self.running = {}

    def open(self, request):
        """Makes the study, or goes on with the one that lies there."""
        if request["sampler"]["kind"] == "gp":
            import torch  # noqa: F401  (said now rather than at the first trial that needs it)
        self.request = request
        cut_torn_line(request["path"])
        backend = Journal(request["path"])
        self.study = optuna.create_study(
            storage=optuna.storages.JournalStorage(backend),
            study_name=request["name"],
            directions=request["directions"],
            load_if_exists=True,
            pruner=pruner(request["prune"]),
            sampler=optuna.samplers.RandomSampler(0),
        )
        settings = self.study.user_attrs.get("settings")
        if settings is None:
            self.study.set_user_attr("settings", request["settings"])
        elif settings != request["settings"]:
            return {"changed": True}
        trials = self.study.get_trials(deepcopy=False)
        if not trials:
            for params in request["first"]:
                self.study.enqueue_trial(params)
        for trial in trials:
            if trial.state == TrialState.RUNNING:
                self.running[trial.number] = Trial(self.study, trial._trial_id)
        return {
            "trials": [
                {"number": trial.number, "state": trial.state.name, "point": self.point(trial.params)}
                for trial in trials
                if trial.state != TrialState.WAITING
            ]
        }

    def sampler(self, place):
        """The sampler of one trial."""
        options = self.request["sampler"]
        digest = hashlib.sha256(f"{options['seed']}/{place}".encode()).digest()
        seed = int.from_bytes(digest[:4], "big")
        kind = options["kind"]
        if kind == "random":
            return optuna.samplers.RandomSampler(seed)
        if kind == "sobol":
            space = {dimension["name"]: distribution(dimension) for dimension in self.request["dimensions"]}
            return Sobol({name: each for name, each in space.items() if not each.single()}, options["seed"])
        if kind == "nsga2":
            return optuna.samplers.NSGAIISampler(population_size=options["population"], seed=seed)
        if kind == "gp":
            return optuna.samplers.GPSampler(
                seed=seed, n_startup_trials=options["startup"], warn_independent_sampling=False
            )
        return optuna.samplers.TPESampler(seed=seed, n_startup_trials=options["startup"])

    def exists(self, dimension, point):
        """Whether a field exists under the method of a point."""
        methods = dimension["methods"]
        return methods is None or point.get("method", self.request["method"]) in methods

    def point(self, params):
        """Of a trial's parameters those that its method has: Sobol's sequence has values for all."""
        dimensions = {dimension["name"]: dimension for dimension in self.request["dimensions"]}
        return {name: value for name, value in params.items() if self.exists(dimensions[name], params)}

    def ask(self, _request):
        """The next point; of fields that exist under some methods alone, those of the method that was drawn."""
        trials = self.study.get_trials(deepcopy=False)
        place = sum(trial.state != TrialState.WAITING for trial in trials)
        self.study.sampler = self.sampler(place)
        trial = self.study.ask()
        self.running[trial.number] = trial
        whole = self.request["sampler"]["kind"] == "sobol"
        point = {}
        for dimension in self.request["dimensions"]:
            exists = self.exists(dimension, point)
            if not exists and not whole:
                continue
            value = suggest(trial, dimension)
            if exists:
                point[dimension["name"]] = value
        return {"number": trial.number, "point": point}

    def report(self, request):
        """Scores by step. Whether the trial is to be pruned."""
        trial = self.running[request["number"]]
        for step, value in request["values"]:
            trial.report(value, step)
        return {"prune": bool(trial.should_prune())}

    def tell(self, request):
        """How a trial ended."""
        trial = self.running.pop(request["number"])
        for name, value in request["notes"].items():
            trial.set_user_attr(name, value)
        state = STATES[request["state"]]
        values = request["values"] if state == TrialState.COMPLETE else None
        self.study.tell(trial.number, values, state=state)
        return {}

    def importances(self, _request):
        """Share of each field in what makes trials good, by PED-ANOVA; of each objective."""
        complete = [trial for trial in self.study.get_trials(deepcopy=False) if trial.state == TrialState.COMPLETE]
        if len(complete) < 2:
            return {"importances": []}
        objectives = range(len(self.study.directions))
        return {"importances": [self.importance(i) for i in objectives]}

    def importance(self, objective):
        """Importances for one objective; empty where it cannot be told."""
        target = None if len(self.study.directions) == 1 else (lambda trial: trial.values[objective])
        lower = self.study.directions[objective] == optuna.study.StudyDirection.MINIMIZE
        if target is not None and not lower:
            # Optuna takes the smallest of a target for the best.
            target = lambda trial: -trial.values[objective]  # noqa: E731
        try:
            return optuna.importance.get_param_importances(self.study, target=target)
        except (RuntimeError, ValueError) as error:
            print(f"importances: {error}", file=sys.stderr)
            return {}


def main():
    """Answers requests until there are none."""
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    pipe = Pipe()
    acts = {
        "open": pipe.open,
        "ask": pipe.ask,
        "report": pipe.report,
        "tell": pipe.tell,
        "importances": pipe.importances,
    }
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = acts[request["do"]](request)
        except ModuleNotFoundError as error:
            answer = {"error": str(error), "module": error.name}
        except Exception as error:  # noqa: BLE001  (whatever it is, whoever asked must hear of it)
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
