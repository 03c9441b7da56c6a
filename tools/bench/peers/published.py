"""The published 3D-EDSR of rock-pair's authors (Jackson et al. 2021, arXiv:2111.01270) as an ONNX file of volumes.

usage: python published.py 3D_EDSR.pt OUT.onnx

3D_EDSR.pt is in the folder 3D_EDSR of https://github.com/sci-sjj/EDSRmodelling (commit 2e81907, CSIRO's licence). Its
script trains on what torchvision makes of a stack of planes, grey levels over 255 with axes x, z, y; here filters are
turned to z, y, x. It was trained on crops that test regions of rock-pair share voxels with.
"""

import hashlib
import sys
from pathlib import Path

import torch
from torch import nn

WEIGHTS_SHA256 = "04d361dab6a6fc57086408bfb8f514c9d674de2c4091533957888b558e774709"
FEATURES = 24
BLOCKS = 12
FACTOR = 3


def convolution(inputs: int, outputs: int) -> nn.Conv3d:
    return nn.Conv3d(inputs, outputs, kernel_size=3, padding=1)


class Block(nn.Module):
    """Two convolutions with a rectifier between them, added to what came in; no scaling."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(convolution(FEATURES, FEATURES), nn.ReLU(), convolution(FEATURES, FEATURES))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.body(x)


class PublishedEdsr(nn.Module):
    """[n, 1, z, y, x] to three times the lengths: blocks on the coarse grid, then interpolation and one convolution."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Sequential(convolution(1, FEATURES))
        self.body = nn.Sequential(*[Block() for _ in range(BLOCKS)])
        enlarge = nn.Upsample(scale_factor=FACTOR, mode="trilinear", align_corners=False)
        self.tail = nn.Sequential(enlarge, convolution(FEATURES, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        first = self.head(x)
        return self.tail(first + self.body(first))


def turned(weights: torch.Tensor) -> torch.Tensor:
    """Filters over x, z, y to filters over z, y, x."""
    return weights.permute(0, 1, 3, 4, 2).contiguous() if weights.dim() == 5 else weights


def main(weights: str, out: str) -> None:
    found = hashlib.sha256(Path(weights).read_bytes()).hexdigest()
    if found != WEIGHTS_SHA256:
        sys.exit(f"{weights}: got SHA-256 {found}, wanted {WEIGHTS_SHA256}, the weights of commit 2e81907")
    state = torch.load(weights, map_location="cpu", weights_only=True)
    network = PublishedEdsr()
    network.load_state_dict({name: turned(values) for name, values in state.items()}, strict=True)
    network.eval()
    axes = {2: "depth", 3: "height", 4: "width"}
    torch.onnx.export(
        network,
        (torch.zeros(1, 1, 9, 10, 11),),
        out,
        input_names=["lr"],
        output_names=["sr"],
        dynamic_axes={"lr": axes, "sr": {axis: f"sr_{name}" for axis, name in axes.items()}},
        opset_version=17,
        dynamo=False,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
