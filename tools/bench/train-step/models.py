"""The models of the bench in PyTorch, layer for layer those of packages/models, one grey channel."""
import torch
import torch.nn as nn
import torch.nn.functional as F


def conv(i, o, k, s=1, p=None, **options):
    return nn.Conv2d(i, o, k, s, k // 2 if p is None else p, **options)


def fsrcnn(factor, d=56, s=12, m=4):
    act = lambda c: nn.PReLU(c)
    middle = [layer for _ in range(m) for layer in (conv(s, s, 3), act(s))]
    return nn.Sequential(conv(1, d, 5), act(d), conv(d, s, 1), act(s), *middle, conv(s, d, 1), act(d),
                         nn.ConvTranspose2d(d, 1, 9, factor, 4, output_padding=factor - 1))


class EdsrBlock(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.a, self.b = conv(c, c, 3), conv(c, c, 3)

    def forward(self, x):
        return x + self.b(F.relu(self.a(x)))


class Edsr(nn.Module):
    def __init__(self, factor, blocks=16, c=64):
        super().__init__()
        self.head, self.end, self.tail = conv(1, c, 3), conv(c, c, 3), conv(c, 1, 3)
        self.body = nn.Sequential(*[EdsrBlock(c) for _ in range(blocks)])
        self.up = nn.Sequential(*[layer for _ in range(factor.bit_length() - 1) for layer in (conv(c, 4 * c, 3), nn.PixelShuffle(2))])

    def forward(self, x):
        x = self.head(x)
        return self.tail(self.up(x + self.end(self.body(x))))


class CareUnet(nn.Module):
    def __init__(self, factor, c=32):
        super().__init__()
        layer = lambda i, o: nn.Sequential(conv(i, o, 5), nn.ReLU())
        pair = lambda i, a, b: nn.Sequential(layer(i, a), layer(a, b))
        self.factor = factor
        self.d0, self.d1, self.middle = pair(1, c, c), pair(c, 2 * c, 2 * c), pair(2 * c, 4 * c, 2 * c)
        self.u1, self.u0, self.tail = pair(4 * c, 2 * c, c), pair(2 * c, c, c), conv(c, 1, 1)

    def forward(self, lr):
        x = F.interpolate(lr, scale_factor=self.factor, mode="bicubic")
        a = self.d0(x)
        b = self.d1(F.max_pool2d(a, 2))
        y = self.middle(F.max_pool2d(b, 2))
        y = self.u1(torch.cat([F.interpolate(y, scale_factor=2), b], 1))
        y = self.u0(torch.cat([F.interpolate(y, scale_factor=2), a], 1))
        return self.tail(y) + x


class Pix2PixUnet(nn.Module):
    """levels=7: 128 x 128."""
    def __init__(self, factor, levels=7, c=64):
        super().__init__()
        width = lambda level: c * min(8, 2 ** level)
        self.factor, self.levels = factor, levels
        self.down = nn.ModuleList([conv(1 if l == 0 else width(l - 1), width(l), 4, 2, 1, bias=False) for l in range(levels)])
        self.down_norm = nn.ModuleList([nn.BatchNorm2d(width(l)) if 0 < l < levels - 1 else nn.Identity() for l in range(levels)])
        self.up = nn.ModuleList([nn.ConvTranspose2d(width(l) * (1 if l == levels - 1 else 2), 1 if l == 0 else width(l - 1), 4, 2, 1, bias=l == 0) for l in range(levels)])
        self.up_norm = nn.ModuleList([nn.Identity() if l == 0 else nn.BatchNorm2d(width(l - 1)) for l in range(levels)])

    def forward(self, lr):
        x = F.interpolate(lr, scale_factor=self.factor, mode="bicubic") * 2 - 1
        kept = []
        for l in range(self.levels):
            x = self.down_norm[l](self.down[l](x if l == 0 else F.leaky_relu(x, 0.2)))
            kept.append(x)
        for l in reversed(range(self.levels)):
            x = self.up_norm[l](self.up[l](F.relu(x if l == self.levels - 1 else torch.cat([kept[l], x], 1))))
            if 4 <= l < self.levels - 1:
                x = F.dropout(x, 0.5)
        return torch.tanh(x) * 0.5 + 0.5


class Resnet(nn.Module):
    def __init__(self, blocks=6, c=64):
        super().__init__()
        unit = lambda i, o, k, s=1: [nn.Conv2d(i, o, k, s, 1), nn.InstanceNorm2d(o), nn.ReLU()]
        self.head = nn.Sequential(nn.ReflectionPad2d(3), nn.Conv2d(1, c, 7), nn.InstanceNorm2d(c), nn.ReLU(), *unit(c, 2 * c, 3, 2), *unit(2 * c, 4 * c, 3, 2))
        block = lambda n: nn.Sequential(nn.ReflectionPad2d(1), nn.Conv2d(n, n, 3), nn.InstanceNorm2d(n), nn.ReLU(), nn.ReflectionPad2d(1), nn.Conv2d(n, n, 3), nn.InstanceNorm2d(n))
        self.blocks = nn.ModuleList([block(4 * c) for _ in range(blocks)])
        up = lambda n: [nn.ConvTranspose2d(n, n // 2, 3, 2, 1, output_padding=1), nn.InstanceNorm2d(n // 2), nn.ReLU()]
        self.tail = nn.Sequential(*up(4 * c), *up(2 * c), nn.ReflectionPad2d(3), nn.Conv2d(c, 1, 7))

    def forward(self, x):
        x = self.head(x * 2 - 1)
        for block in self.blocks:
            x = x + block(x)
        return torch.tanh(self.tail(x)) * 0.5 + 0.5


class Patch(nn.Module):
    def __init__(self, channels, norm, c=64):
        super().__init__()
        bias = norm is nn.InstanceNorm2d
        layers = [nn.Conv2d(channels, c, 4, 2, 1), nn.LeakyReLU(0.2)]
        for i in (1, 2, 3):
            layers += [nn.Conv2d(c * 2 ** (i - 1), c * 2 ** i, 4, 1 if i == 3 else 2, 1, bias=bias), norm(c * 2 ** i), nn.LeakyReLU(0.2)]
        self.net = nn.Sequential(*layers, nn.Conv2d(8 * c, 1, 4, 1, 1))

    def forward(self, x):
        return self.net(x * 2 - 1)
