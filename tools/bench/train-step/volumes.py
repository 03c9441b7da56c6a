"""The models of volumes in PyTorch, layer for layer those of packages/models, one grey channel, one factor for all axes."""
import torch
import torch.nn as nn
import torch.nn.functional as F


def conv(i, o, k):
    return nn.Conv3d(i, o, k, 1, k // 2)


def fsrcnn(factor, d=56, s=12, m=4):
    act = lambda c: nn.PReLU(c)
    middle = [layer for _ in range(m) for layer in (conv(s, s, 3), act(s))]
    return nn.Sequential(conv(1, d, 5), act(d), conv(d, s, 1), act(s), *middle, conv(s, d, 1), act(d),
                         nn.ConvTranspose3d(d, 1, 9, factor, 4, output_padding=factor - 1))


def shuffle(x, b=2):
    """[n, c b^3, d, h, w] to [n, c, d b, h b, w b]."""
    n, c, d, h, w = x.shape
    x = x.view(n, c // b ** 3, b, b, b, d, h, w).permute(0, 1, 5, 2, 6, 3, 7, 4)
    return x.reshape(n, c // b ** 3, d * b, h * b, w * b)


class EdsrBlock(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.a, self.b = conv(c, c, 3), conv(c, c, 3)

    def forward(self, x):
        return x + self.b(F.relu(self.a(x)))


class Edsr(nn.Module):
    def __init__(self, factor, blocks=12, c=24):
        super().__init__()
        self.head, self.end, self.tail = conv(1, c, 3), conv(c, c, 3), conv(c, 1, 3)
        self.body = nn.Sequential(*[EdsrBlock(c) for _ in range(blocks)])
        self.up = nn.ModuleList([conv(c, 8 * c, 3) for _ in range(factor.bit_length() - 1)])

    def forward(self, x):
        x = self.head(x)
        x = x + self.end(self.body(x))
        for layer in self.up:
            x = shuffle(layer(x))
        return self.tail(x)


class CareUnet(nn.Module):
    """Skips add the trilinear image: PyTorch has no cubic one for volumes."""
    def __init__(self, factor, c=32):
        super().__init__()
        layer = lambda i, o: nn.Sequential(conv(i, o, 3), nn.ReLU())
        pair = lambda i, a, b: nn.Sequential(layer(i, a), layer(a, b))
        self.factor = factor
        self.d0, self.d1, self.middle = pair(1, c, c), pair(c, 2 * c, 2 * c), pair(2 * c, 4 * c, 2 * c)
        self.u1, self.u0, self.tail = pair(4 * c, 2 * c, c), pair(2 * c, c, c), conv(c, 1, 1)

    def forward(self, lr):
        x = F.interpolate(lr, scale_factor=self.factor, mode="trilinear")
        a = self.d0(x)
        b = self.d1(F.max_pool3d(a, 2))
        y = self.middle(F.max_pool3d(b, 2))
        y = self.u1(torch.cat([F.interpolate(y, scale_factor=2), b], 1))
        y = self.u0(torch.cat([F.interpolate(y, scale_factor=2), a], 1))
        return self.tail(y) + x
