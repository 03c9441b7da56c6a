"""Trains a network of others on pairs that `lacuna pairs` wrote, for so many minutes of processor time.

    train.py PAIRS --peer care|edsr --cpu-minutes M --onnx model.onnx --report report.json

The network becomes an ONNX file that takes the coarse image and gives the enlarged one, intensities as in the pairs;
the report says its parameters, its steps and the processor time of its training. Nothing but training is on the clock:
not the libraries' loading, nor the export.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import tifffile
import torch
from torch import nn


class OutOfTime(Exception):
    """The processor time of a training is used up."""


class Clock:
    """Processor time of this process, all threads, from the first step on."""

    def __init__(self, minutes: float) -> None:
        self.seconds = 60 * minutes
        self.start = None
        self.steps = 0

    def step(self) -> bool:
        """Counts a step that is done; whether another one may begin."""
        self.steps += 1
        return self.spent() < self.seconds

    def begin(self) -> None:
        self.start = time.process_time()

    def spent(self) -> float:
        return time.process_time() - self.start


def read_pairs(folder: Path, role: str) -> tuple[list[np.ndarray], list[np.ndarray], int]:
    """Coarse and fine planes of a role, and by how much they differ in size."""
    manifest = json.loads((folder / "pairs.json").read_text())
    pairs = [pair for pair in manifest["pairs"] if pair["role"] == role]
    coarse = [tifffile.imread(folder / pair["lr"]).astype(np.float32) for pair in pairs]
    fine = [tifffile.imread(folder / pair["hr"]).astype(np.float32) for pair in pairs]
    if any(image.ndim != 2 for image in coarse):
        raise SystemExit(f"{folder}: got volumes, wanted planes: these peers enlarge planes")
    return coarse, fine, fine[0].shape[0] // coarse[0].shape[0]


class Edsr(nn.Module):
    """EDSR-baseline (Lim et al. 2017, arXiv:1707.02921) of super-image, for one channel."""

    rate = 1e-4

    def __init__(self, factor: int) -> None:
        super().__init__()
        from super_image import EdsrConfig, EdsrModel

        size = {"n_resblocks": 16, "n_feats": 64, "n_colors": 1}
        config = EdsrConfig(scale=factor, supported_scales=[factor], rgb_range=1, **size)
        self.network = EdsrModel(config)
        # Shifts of colours, which its forward pass does not use.
        del self.network.sub_mean, self.network.add_mean

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.network(x)


def random_patches(images, rng, patch: int, batch: int, factor: int):
    """Coarse and fine patches of one place, turned and mirrored at random: [batch, 1, side, side]."""
    coarse, fine = [], []
    for _ in range(batch):
        lr, hr = images[rng.integers(len(images))]
        y = rng.integers(lr.shape[0] - patch + 1)
        x = rng.integers(lr.shape[1] - patch + 1)
        turns, mirrored = rng.integers(4), rng.integers(2)
        for image, into, scale in ((lr, coarse, 1), (hr, fine, factor)):
            cut = image[scale * y : scale * (y + patch), scale * x : scale * (x + patch)]
            cut = np.rot90(cut, turns)
            into.append(np.fliplr(cut) if mirrored else cut)
    return tuple(torch.from_numpy(np.stack(part)[:, None].copy()) for part in (coarse, fine))


def train_edsr(pairs: Path, options, clock: Clock) -> nn.Module:
    """The authors' loss, optimiser and rate, on patches of the asked size."""
    coarse, fine, factor = read_pairs(pairs, "training")
    model = Edsr(factor)
    rng = np.random.default_rng(options.seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=Edsr.rate)
    images = list(zip(coarse, fine))
    clock.begin()
    while True:
        lr, hr = random_patches(images, rng, options.patch, options.batch, factor)
        loss = nn.functional.l1_loss(model(lr), hr)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if not clock.step():
            return model


class Care(nn.Module):
    """CARE of CAREamics on the interpolated coarse image, with its normalisation inside."""

    def __init__(self, unet: nn.Module, factor: int, source: tuple[float, float], target: tuple[float, float]) -> None:
        super().__init__()
        self.unet = unet
        self.factor = factor
        self.source = source
        self.target = target

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        fine = enlarged(x, self.factor)
        mean, std = self.source
        wanted_mean, wanted_std = self.target
        return self.unet((fine - mean) / std) * wanted_std + wanted_mean


def enlarged(x: torch.Tensor, factor: int) -> torch.Tensor:
    return nn.functional.interpolate(x, scale_factor=factor, mode="bicubic", align_corners=False)


def train_care(pairs: Path, options, clock: Clock) -> nn.Module:
    """CAREamics' own loop and defaults, on patches of the asked size, ended by the clock."""
    import pytorch_lightning
    from careamics import CAREamist
    from careamics.config import create_advanced_care_config

    coarse, fine, factor = read_pairs(pairs, "training")
    sources = [enlarged(torch.from_numpy(lr)[None, None], factor)[0, 0].numpy() for lr in coarse]
    statistics = [
        (float(np.mean([each.mean() for each in images])), float(np.mean([each.std() for each in images])))
        for images in (sources, fine)
    ]

    class StopInTime(pytorch_lightning.Callback):
        def on_train_start(self, trainer, module):
            clock.begin()

        def on_train_batch_end(self, trainer, module, outputs, batch, batch_idx):
            if not clock.step():
                trainer.should_stop = True

    side = options.patch * factor
    config = create_advanced_care_config(
        experiment_name="care",
        data_type="array",
        axes="YX",
        patch_size=[side, side],
        batch_size=options.batch,
        num_epochs=10_000,
        normalization="mean_std",
        normalization_params={
            "input_means": [statistics[0][0]],
            "input_stds": [statistics[0][1]],
            "target_means": [statistics[1][0]],
            "target_stds": [statistics[1][1]],
        },
        num_workers=0,
        logger="none",
        # Its default ends a training before its time.
        early_stopping_params={},
        seed=options.seed + 1,
    )
    folder = options.onnx.parent / "careamics"
    careamist = CAREamist(config, work_dir=folder, callbacks=[StopInTime()], enable_progress_bar=False)
    careamist.train(train_data=sources, train_data_target=fine)
    return Care(careamist.model.model, factor, *statistics)


TRAINERS = {"care": train_care, "edsr": train_edsr}


def export(model: nn.Module, path: Path, patch: int) -> None:
    """ONNX of any size, NCHW."""
    model.eval()
    axes = {"lr": {0: "n", 2: "height", 3: "width"}, "sr": {0: "n", 2: "fine_height", 3: "fine_width"}}
    example = torch.zeros(1, 1, patch, patch)
    names = {"input_names": ["lr"], "output_names": ["sr"], "dynamic_axes": axes}
    torch.onnx.export(model, example, str(path), opset_version=17, dynamo=False, **names)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--peer", choices=sorted(TRAINERS), required=True)
    parser.add_argument("--cpu-minutes", type=float, required=True)
    parser.add_argument("--patch", type=int, default=16, help="side of a coarse patch")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--onnx", type=Path, required=True)
    parser.add_argument("--report", type=Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    np.random.seed(options.seed)
    clock = Clock(options.cpu_minutes)
    model = TRAINERS[options.peer](options.pairs, options, clock)
    seconds = clock.spent()
    export(model, options.onnx, options.patch)
    parameters = sum(each.numel() for each in model.parameters() if each.requires_grad)
    report = {"parameters": parameters, "steps": clock.steps, "cpuSeconds": round(seconds, 1)}
    options.report.write_text(json.dumps(report))
    print(f"{options.peer}: {clock.steps} steps in {seconds:.0f} s of processor time, {parameters:,} parameters")


if __name__ == "__main__":
    main()
