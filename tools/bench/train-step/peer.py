"""PyTorch's side: reads `prepare NAME PRECISION VARIANT`, `step` and `memory`, one a line, and answers each with one
number: milliseconds, or the largest resident size so far in MiB."""
import contextlib
import os
import resource
import sys
import time
import torch
import torch.nn as nn
import torch.nn.functional as F
import models as m
import volumes

by_axis = lambda text: tuple(int(number) for number in text.split("x"))
CASES = {name: (int(batch), by_axis(patch), by_axis(factor)) for name, batch, patch, factor in (case.split(":") for case in sys.argv[2].split(","))}
torch.set_num_threads(int(sys.argv[1]))


def adam(*nets, betas=(0.9, 0.999)):
    return torch.optim.Adam([p for net in nets for p in net.parameters()], lr=1e-4, betas=betas, fused=True)


def prepare_volume(name, variant):
    batch, patch, factor = CASES[name]
    layout = torch.channels_last_3d if variant == "channels_last" else torch.contiguous_format
    net = volumes.MODELS[name](factor).to(memory_format=layout)
    if variant == "compile":
        net = torch.compile(net)
    optimiser = adam(net)
    lr = torch.rand(batch, 1, *patch).to(memory_format=layout)
    hr = torch.rand(batch, 1, *(p * f for p, f in zip(patch, factor))).to(memory_format=layout)

    def step():
        optimiser.zero_grad()
        loss = F.l1_loss(net(lr), hr)
        loss.backward()
        optimiser.step()
        return loss.item()
    return step


def prepare(name, variant):
    torch.manual_seed(0)
    batch, patch, factor = CASES[name]
    if len(patch) == 3:
        return prepare_volume(name, variant)
    (patch,), (factor,) = patch, factor
    layout = torch.channels_last if variant == "channels_last" else torch.contiguous_format
    ready = lambda t: t.to(memory_format=layout)
    fast = (lambda net: torch.compile(ready(net))) if variant == "compile" else ready
    lr, hr = ready(torch.rand(batch, 1, patch, patch)), ready(torch.rand(batch, 1, patch * factor, patch * factor))
    if name in ("fsrcnn", "edsr", "unet"):
        net = fast({"fsrcnn": m.fsrcnn, "edsr": m.Edsr, "unet": m.CareUnet}[name](factor))
        optimiser = adam(net)

        def step():
            optimiser.zero_grad()
            loss = F.l1_loss(net(lr), hr)
            loss.backward()
            optimiser.step()
            return loss.item()
        return step
    if name == "pix2pix":
        net, judge = fast(m.Pix2PixUnet(factor)), fast(m.Patch(2, nn.BatchNorm2d))
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
    up, down = fast(m.Resnet()), fast(m.Resnet())
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
        if words[0] == "prepare":
            context = autocast(words[2])
            current = prepare(words[1], words[3])
        with context:
            current()
        print((clock() - start) * 1e3, flush=True)
    except Exception as error:  # a variant that cannot run here is reported, the others go on
        print("failed", str(error).splitlines()[0][:200] if str(error) else type(error).__name__, flush=True)
