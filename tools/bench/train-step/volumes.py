"""The volume models of the bench in PyTorch, layer for layer those of packages/models, one grey channel."""
import torch
import torch.nn as nn
import torch.nn.functional as F


def conv(i, o, k):
    return nn.Conv3d(i, o, k, 1, k // 2)


class Shuffle(nn.Module):
    """Depth to space by a factor along each axis."""
    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def forward(self, x):
        n, c, d, h, w = x.shape
        a, b, e = self.factor
        x = x.view(n, c // (a * b * e), a, b, e, d, h, w).permute(0, 1, 5, 2, 6, 3, 7, 4)
        return x.reshape(n, c // (a * b * e), d * a, h * b, w * e)


def fsrcnn(factor, d=16, s=8, m=4):
    act = lambda c: nn.PReLU(c)
    middle = [layer for _ in range(m) for layer in (conv(s, s, 3), act(s))]
    phases = factor[0] * factor[1] * factor[2]
    return nn.Sequential(conv(1, d, 5), act(d), conv(d, s, 1), act(s), *middle, conv(s, d, 1), act(d),
                         conv(d, phases, 3), Shuffle(factor))


class EdsrBlock(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.a, self.b = conv(c, c, 3), conv(c, c, 3)

    def forward(self, x):
        return x + self.b(F.relu(self.a(x)))


class Edsr(nn.Module):
    """x3 along every axis: one stage of 27 phases."""
    def __init__(self, factor, blocks=12, c=24):
        super().__init__()
        self.head, self.end, self.tail = conv(1, c, 3), conv(c, c, 3), conv(c, 1, 3)
        self.body = nn.Sequential(*[EdsrBlock(c) for _ in range(blocks)])
        self.up = nn.Sequential(conv(c, c * factor[0] * factor[1] * factor[2], 3), Shuffle(factor))

    def forward(self, x):
        x = self.head(x)
        return self.tail(self.up(x + self.end(self.body(x))))


class Unet(nn.Module):
    """CARE's, of volumes: 16 features, kernels of 3, two halvings."""
    def __init__(self, factor, c=16):
        super().__init__()
        layer = lambda i, o: nn.Sequential(conv(i, o, 3), nn.ReLU())
        pair = lambda i, a, b: nn.Sequential(layer(i, a), layer(a, b))
        self.factor = factor
        self.d0, self.d1, self.middle = pair(1, c, c), pair(c, 2 * c, 2 * c), pair(2 * c, 4 * c, 2 * c)
        self.u1, self.u0, self.tail = pair(4 * c, 2 * c, c), pair(2 * c, c, c), conv(c, 1, 1)

    def forward(self, lr):
        n, c, d, h, w = lr.shape
        # PyTorch has no bicubic interpolation of volumes: plane by plane, since z keeps its length.
        flat = lr.transpose(1, 2).reshape(n * d, c, h, w)
        x = F.interpolate(flat, scale_factor=self.factor[1:], mode="bicubic")
        x = x.view(n, d, c, h * self.factor[1], w * self.factor[2]).transpose(1, 2)
        a = self.d0(x)
        b = self.d1(F.max_pool3d(a, 2))
        y = self.middle(F.max_pool3d(b, 2))
        y = self.u1(torch.cat([F.interpolate(y, scale_factor=2), b], 1))
        y = self.u0(torch.cat([F.interpolate(y, scale_factor=2), a], 1))
        return self.tail(y) + x


MODELS = {"fsrcnn3d": fsrcnn, "edsr3d": Edsr, "unet3d": Unet}
