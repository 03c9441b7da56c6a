"""PyTorch's side: peer.py THREADS CASES [DEVICE]. Reads `prepare NAME PRECISION VARIANT`, `step`, `memory` and `parameters`, one
a line, and answers each with one number: milliseconds, the largest resident size so far in MiB, the generator's parameters."""
import contextlib
import os
import resource
import sys
import time
import torch
import torch.nn as nn
import torch.nn.functional as F
import families
import models as m
import volumes

by_axis = lambda text: tuple(int(number) for number in text.split("x"))
CASES = {name: (int(batch), by_axis(patch), by_axis(factor)) for name, batch, patch, factor in (case.split(":") for case in sys.argv[2].split(","))}
DEVICE = sys.argv[3] if len(sys.argv) > 3 else "cpu"
torch.set_num_threads(int(sys.argv[1]))
# As TensorFlow does: the fastest of cuDNN's algorithms for sizes that stay, and TensorFloat-32.
torch.backends.cudnn.benchmark = True
torch.backends.cuda.matmul.allow_tf32 = True
parameters = 0


def adam(*nets, betas=(0.9, 0.999)):
    return torch.optim.Adam([p for net in nets for p in net.parameters()], lr=1e-4, betas=betas, fused=True)


PLANES = {"fsrcnn": m.fsrcnn, "edsr": m.Edsr, "unet": m.CareUnet}


def counted(net):
    global parameters
    parameters = sum(p.numel() for p in net.parameters())
    return net


def paired(build, case, variant):
    """A step of a generator by itself: images come from the host each time, as in training."""
    batch, patch, factor = case
    last = torch.channels_last_3d if len(patch) == 3 else torch.channels_last
    layout = last if variant == "channels_last" else torch.contiguous_format
    net = counted(build(factor)).to(DEVICE, memory_format=layout)
    if variant == "compile":
        net = torch.compile(net)
    optimiser = adam(net)
    ready = lambda *sizes: torch.rand(batch, 1, *sizes).to(memory_format=layout)
    lr, hr = ready(*patch), ready(*(p * f for p, f in zip(patch, factor)))

    def step():
        optimiser.zero_grad()
        loss = F.l1_loss(net(lr.to(DEVICE)), hr.to(DEVICE))
        loss.backward()
        optimiser.step()
        return loss.item()
    return step


def prepare(name, variant):
    torch.manual_seed(0)
    batch, patch, factor = CASES[name]
    by_rank = patch * 2 if len(patch) == 1 else patch, factor * 2 if len(factor) == 1 else factor
    if name in families.MODELS:
        return paired(families.MODELS[name], (batch, *by_rank), variant)
    if name in volumes.MODELS:
        return paired(volumes.MODELS[name], (batch, *by_rank), variant)
    if name in PLANES:
        return paired(lambda by_axis: PLANES[name](by_axis[0]), (batch, *by_rank), variant)
    (patch,), (factor,) = patch, factor
    layout = torch.channels_last if variant == "channels_last" else torch.contiguous_format
    ready = lambda t: t.to(DEVICE, memory_format=layout)
    fast = (lambda net: torch.compile(ready(net))) if variant == "compile" else ready
    lr, hr = ready(torch.rand(batch, 1, patch, patch)), ready(torch.rand(batch, 1, patch * factor, patch * factor))
    if name == "pix2pix":
        net, judge = fast(counted(m.Pix2PixUnet(factor))), fast(m.Patch(2, nn.BatchNorm2d))
        of_net, of_judge = adam(net, betas=(0.5, 0.999)), adam(judge, betas=(0.5, 0.999))
        says = lambda logits, real: F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, real))

        def step():
            condition = F.interpolate(lr, scale_factor=factor, mode="bicubic")
            sr = net(lr)
            judge.requires_grad_(True)
            of_judge.zero_grad()
            (0.5 * (says(judge(torch.cat([condition, hr], 1)), 1.0) + says(judge(torch.cat([condition, sr.detach()], 1)), 0.0))).backward()
            of_judge.step()
            judge.requires_grad_(False)
            of_net.zero_grad()
            loss = says(judge(torch.cat([condition, sr], 1)), 1.0) + 100 * F.l1_loss(sr, hr)
            loss.backward()
            of_net.step()
            return loss.item()
        return step
    up, down = fast(counted(m.Resnet())), fast(m.Resnet())
    judge_hr, judge_lr = fast(m.Patch(1, nn.InstanceNorm2d)), fast(m.Patch(1, nn.InstanceNorm2d))
    of_nets, of_judges = adam(up, down, betas=(0.5, 0.999)), adam(judge_hr, judge_lr, betas=(0.5, 0.999))
    says = lambda logits, real: (logits - real).square().mean()

    def step():
        coarse = F.interpolate(lr, scale_factor=factor, mode="bicubic")
        judge_hr.requires_grad_(False)
        judge_lr.requires_grad_(False)
        of_nets.zero_grad()
        fake_hr, fake_lr = up(coarse), down(hr)
        cycle = F.l1_loss(down(fake_hr), coarse) + F.l1_loss(up(fake_lr), hr)
        same = F.l1_loss(up(hr), hr) + F.l1_loss(down(coarse), coarse)
        loss = says(judge_hr(fake_hr), 1.0) + says(judge_lr(fake_lr), 1.0) + 10 * cycle + 5 * same
        loss.backward()
        of_nets.step()
        judge_hr.requires_grad_(True)
        judge_lr.requires_grad_(True)
        of_judges.zero_grad()
        for judge, real, fake in ((judge_hr, hr, fake_hr), (judge_lr, coarse, fake_lr)):
            (0.5 * (says(judge(real), 1.0) + says(judge(fake.detach()), 0.0))).backward()
        of_judges.step()
        return loss.item()
    return step


def autocast(precision):
    """Forward pass and losses as PyTorch's mixed precision for CPUs has them; the backward pass follows by itself."""
    if precision == "float32":
        return contextlib.nullcontext()
    return torch.autocast("cpu", dtype=torch.bfloat16)


clock = time.process_time if os.environ.get("BENCH_CLOCK") == "cpu" else time.perf_counter
current = None
context = contextlib.nullcontext()
for line in sys.stdin:
    words = line.split()
    start = clock()
    try:
        if words[0] == "memory":
            print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, flush=True)
            continue
        if words[0] == "parameters":
            print(parameters, flush=True)
            continue
        if words[0] == "prepare":
            context = autocast(words[2])
            current = prepare(words[1], words[3])
        with context:
            current()
        print((clock() - start) * 1e3, flush=True)
    except Exception as error:  # a variant that cannot run here is reported, the others go on
        print("failed", str(error).splitlines()[0][:200] if str(error) else type(error).__name__, flush=True)
