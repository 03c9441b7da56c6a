"""Further models of the bench in PyTorch, of planes and volumes alike, layer for layer those of packages/models, one grey channel."""
import torch
import torch.nn as nn
import torch.nn.functional as F


class Shape:
    """Layers of planes (rank 2) or volumes (rank 3), and the stages of a factor by axis, of powers of two."""
    def __init__(self, factor):
        self.factor = factor
        self.volume = len(factor) == 3
        steps = max(f.bit_length() - 1 for f in factor)
        self.stages = [tuple(2 if f.bit_length() - 1 >= steps - i else 1 for f in factor) for i in range(steps)]

    def conv(self, i, o, k, **options):
        options.setdefault("padding", k // 2)
        return (nn.Conv3d if self.volume else nn.Conv2d)(i, o, k, **options)

    def pool(self, x, window, stride):
        return (F.max_pool3d if self.volume else F.max_pool2d)(x, window, stride, [w // 2 for w in window])

    def axes(self, x):
        return tuple(range(2, x.dim()))


def area(sizes):
    product = 1
    for size in sizes:
        product *= size
    return product


class Shuffle(nn.Module):
    """Depth to space by a factor along each axis."""
    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def forward(self, x):
        if len(self.factor) == 2 and self.factor[0] == self.factor[1]:
            return F.pixel_shuffle(x, self.factor[0])
        n, c, *sizes = x.shape
        rank, out = len(sizes), c // area(self.factor)
        x = x.view(n, out, *self.factor, *sizes)
        x = x.permute(0, 1, *[axis for i in range(rank) for axis in (2 + rank + i, 2 + i)])
        return x.reshape(n, out, *[size * factor for size, factor in zip(sizes, self.factor)])


def bicubic(x, factor):
    """PyTorch has no bicubic interpolation of volumes: plane by plane, where z keeps its length."""
    if len(factor) == 2:
        return F.interpolate(x, scale_factor=factor, mode="bicubic")
    assert factor[0] == 1
    n, c, d, h, w = x.shape
    flat = x.transpose(1, 2).reshape(n * d, c, h, w)
    y = F.interpolate(flat, scale_factor=factor[1:], mode="bicubic")
    return y.view(n, d, c, h * factor[1], w * factor[2]).transpose(1, 2)


class Srcnn(nn.Module):
    def __init__(self, factor):
        super().__init__()
        s = Shape(factor)
        self.factor = factor
        self.net = nn.Sequential(s.conv(1, 64, 9), nn.ReLU(), s.conv(64, 32, 5), nn.ReLU(), s.conv(32, 1, 5))

    def forward(self, lr):
        return self.net(bicubic(lr, self.factor))


class ChannelAttention(nn.Module):
    def __init__(self, s, c, reduction):
        super().__init__()
        self.shape = s
        self.gate = nn.Sequential(s.conv(c, c // reduction, 1), nn.ReLU(), s.conv(c // reduction, c, 1), nn.Sigmoid())

    def forward(self, x):
        return x * self.gate(x.mean(self.shape.axes(x), keepdim=True))


class Residual(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        self.body = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.body(x)


def rcan(factor, groups=10, blocks=20, c=64, reduction=16):
    s = Shape(factor)
    block = lambda: Residual(s.conv(c, c, 3), nn.ReLU(), s.conv(c, c, 3), ChannelAttention(s, c, reduction))
    group = lambda: Residual(*[block() for _ in range(blocks)], s.conv(c, c, 3))
    up = [layer for stage in s.stages for layer in (s.conv(c, c * area(stage), 3), Shuffle(stage))]
    return nn.Sequential(s.conv(1, c, 3), Residual(*[group() for _ in range(groups)], s.conv(c, c, 3)), *up, s.conv(c, 1, 3))


class Dense(nn.Module):
    def __init__(self, s, c, growth):
        super().__init__()
        self.layers = nn.ModuleList([s.conv(c + i * growth, growth, 3) for i in range(4)])
        self.last = s.conv(c + 4 * growth, c, 3)

    def forward(self, x):
        seen = x
        for layer in self.layers:
            seen = torch.cat([seen, F.leaky_relu(layer(seen), 0.2)], 1)
        return x + 0.2 * self.last(seen)


class ResidualDense(nn.Module):
    def __init__(self, s, c, growth):
        super().__init__()
        self.body = nn.Sequential(*[Dense(s, c, growth) for _ in range(3)])

    def forward(self, x):
        return x + 0.2 * self.body(x)


def rrdb(factor, blocks=23, c=64, growth=32):
    s = Shape(factor)
    trunk = Residual(*[ResidualDense(s, c, growth) for _ in range(blocks)], s.conv(c, c, 3))
    up = [layer for stage in s.stages for layer in (nn.Upsample(scale_factor=stage), s.conv(c, c, 3), nn.LeakyReLU(0.2))]
    return nn.Sequential(s.conv(1, c, 3), trunk, *up, s.conv(c, c, 3), nn.LeakyReLU(0.2), s.conv(c, 1, 3))


class SpatialAttention(nn.Module):
    def __init__(self, s, c, f):
        super().__init__()
        self.shape = s
        self.conv1, self.conv2 = s.conv(c, f, 1), s.conv(f, f, 3, stride=2, padding=0)
        self.conv3, self.conv_f, self.conv4 = s.conv(f, f, 3), s.conv(f, f, 1), s.conv(f, c, 1)

    def forward(self, x):
        squeezed = self.conv1(x)
        strided = self.conv2(squeezed)
        window = [min(7, size) for size in strided.shape[2:]]
        seen = self.conv3(self.shape.pool(strided, window, 3))
        seen = F.interpolate(seen, x.shape[2:], mode="trilinear" if self.shape.volume else "bilinear")
        return x * torch.sigmoid(self.conv4(self.conv_f(squeezed) + seen))


class LocalFeatures(nn.Module):
    def __init__(self, s, c, f):
        super().__init__()
        self.body = Residual(*[layer for _ in range(3) for layer in (s.conv(c, c, 3), nn.LeakyReLU(0.05))])
        self.end = nn.Sequential(s.conv(c, c, 1), SpatialAttention(s, c, f))

    def forward(self, x):
        return self.end(self.body(x))


def rlfn(factor, blocks=6, c=52, f=16):
    s = Shape(factor)
    trunk = Residual(*[LocalFeatures(s, c, f) for _ in range(blocks)], s.conv(c, c, 3))
    return nn.Sequential(s.conv(1, c, 3), trunk, s.conv(c, area(factor), 3), Shuffle(factor))


class SpanBlock(nn.Module):
    def __init__(self, s, c):
        super().__init__()
        self.c1, self.c2, self.c3 = s.conv(c, c, 3), s.conv(c, c, 3), s.conv(c, c, 3)

    def forward(self, x):
        early = self.c1(x)
        late = self.c3(F.silu(self.c2(F.silu(early))))
        return (late + x) * (torch.sigmoid(late) - 0.5), early


class Span(nn.Module):
    def __init__(self, factor, blocks=6, c=48):
        super().__init__()
        s = Shape(factor)
        self.head, self.end, self.joined = s.conv(1, c, 3), s.conv(c, c, 3), s.conv(4 * c, c, 1)
        self.blocks = nn.ModuleList([SpanBlock(s, c) for _ in range(blocks)])
        self.tail = nn.Sequential(s.conv(c, area(factor), 3), Shuffle(factor))

    def forward(self, lr):
        head = x = self.head(lr)
        outputs = []
        for block in self.blocks:
            x, early = block(x)
            outputs.append(x)
        return self.tail(self.joined(torch.cat([head, self.end(x), outputs[0], early], 1)))


class FourierAttention(nn.Module):
    def __init__(self, s, c, reduction):
        super().__init__()
        self.shape = s
        self.spectrum = nn.Sequential(s.conv(c, c, 3), nn.ReLU())
        self.gate = nn.Sequential(s.conv(c, c // reduction, 1), nn.ReLU(), s.conv(c // reduction, c, 1), nn.Sigmoid())

    def forward(self, x):
        axes = self.shape.axes(x)
        power = torch.fft.fftshift(torch.fft.fftn(x, dim=axes, norm="ortho").abs().square(), axes)
        return x * self.gate(self.spectrum((power + 1e-8) ** 0.4).mean(axes, keepdim=True))


def dfcan(factor, groups=4, blocks=4, c=64, reduction=16):
    s = Shape(factor)
    block = lambda: Residual(s.conv(c, c, 3), nn.GELU(), s.conv(c, c, 3), nn.GELU(), FourierAttention(s, c, reduction))
    body = [Residual(*[block() for _ in range(blocks)]) for _ in range(groups)]
    up = [s.conv(c, c * area(factor), 3), nn.GELU(), Shuffle(factor)]
    return nn.Sequential(s.conv(1, c, 3), nn.GELU(), *body, *up, s.conv(c, 1, 3), nn.Sigmoid())


MODELS = {"srcnn": Srcnn, "rcan": rcan, "rrdb": rrdb, "rlfn": rlfn, "span": Span, "dfcan": dfcan,
          "srcnn3d": Srcnn, "rcan3d": lambda factor: rcan(factor, 2, 4, 16, 4), "rrdb3d": lambda factor: rrdb(factor, 2, 16, 8),
          "rlfn3d": lambda factor: rlfn(factor, 4, 16, 8), "span3d": lambda factor: Span(factor, 4, 16),
          "dfcan3d": lambda factor: dfcan(factor, 2, 2, 16, 4)}
