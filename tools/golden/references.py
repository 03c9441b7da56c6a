"""Definitions without a packaged reference at hand, in plain NumPy and SciPy, written from the papers."""
import numpy as np
from scipy import ndimage as ndi
from scipy import optimize, signal


def gaussian(size, sigma):
    x = np.arange(size) - (size - 1) / 2
    g = np.exp(-(x**2) / (2 * sigma**2))
    g = np.outer(g, g)
    return g / g.sum()


def valid(image, kernel):
    return signal.convolve2d(image, kernel, mode="valid")


def ms_ssim(a, b, span):
    kernel, c1, c2 = gaussian(11, 1.5), (0.01 * span) ** 2, (0.03 * span) ** 2
    weights, value = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333], 1.0
    for scale, weight in enumerate(weights):
        ma, mb = valid(a, kernel), valid(b, kernel)
        va, vb, cov = valid(a * a, kernel) - ma**2, valid(b * b, kernel) - mb**2, valid(a * b, kernel) - ma * mb
        contrast = (2 * cov + c2) / (va + vb + c2)
        luminance = (2 * ma * mb + c1) / (ma**2 + mb**2 + c1)
        mean = (contrast * luminance).mean() if scale == 4 else contrast.mean()
        value *= max(0.0, mean) ** weight
        a, b = (halve(np.pad(v, [(0, n % 2) for n in v.shape], mode='edge')) for v in (a, b))
    return value


def halve(a):
    a = a[: a.shape[0] // 2 * 2, : a.shape[1] // 2 * 2]
    return (a[::2, ::2] + a[1::2, ::2] + a[::2, 1::2] + a[1::2, 1::2]) / 4


def gmsd(a, b, span):
    px = np.array([[1, 0, -1]] * 3) / 3
    grads = []
    for image in (a, b):
        small = halve(image * 255 / span)
        grads.append(np.hypot(signal.convolve2d(small, px, mode="same"), signal.convolve2d(small, px.T, mode="same")))
    similarity = (2 * grads[0] * grads[1] + 170) / (grads[0] ** 2 + grads[1] ** 2 + 170)
    return similarity.std()


def vif(a, b, span):
    a, b, eps, kept, whole = a * 255 / span, b * 255 / span, 1e-8, 0.0, 0.0
    for scale in range(4):
        size = 2 ** (4 - scale) + 1
        kernel = gaussian(size, size / 5)
        if scale:
            a, b = valid(a, kernel)[::2, ::2], valid(b, kernel)[::2, ::2]
        ma, mb = valid(a, kernel), valid(b, kernel)
        va, vb = np.maximum(valid(a * a, kernel) - ma**2, 0), np.maximum(valid(b * b, kernel) - mb**2, 0)
        cov = valid(a * b, kernel) - ma * mb
        gain = cov / (va + eps)
        rest = vb - gain * cov
        flat, dead = va < eps, vb < eps
        gain[flat], rest[flat], va[flat] = 0, vb[flat], 0
        gain[dead], rest[dead] = 0, 0
        rest[gain < 0] = vb[gain < 0]
        gain = np.maximum(gain, 0)
        rest = np.maximum(rest, eps)
        kept += np.log10(1 + gain**2 * va / (rest + 2)).sum()
        whole += np.log10(1 + va / 2).sum()
    return (kept + eps) / (whole + eps)


def rings(a, b, window, spacing=None):
    """Sums over rings (shells) in cycles per px of the last axis; as many as fit into a plane's longer side."""
    spacing = np.ones(a.ndim) if spacing is None else np.array(spacing)
    mask = np.ones(a.shape)
    if window == "hann":
        for axis, n in enumerate(a.shape):
            mask *= (0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(n) + 0.5) / n)).reshape([-1 if k == axis else 1 for k in range(a.ndim)])
    fa, fb = np.fft.fftn((a - a.mean()) * mask), np.fft.fftn((b - b.mean()) * mask)
    side = max(n * s / spacing[-1] for n, s in zip(a.shape[-2:], spacing[-2:]))
    grid = np.meshgrid(*[np.fft.fftfreq(n) * spacing[-1] / s for n, s in zip(a.shape, spacing)], indexing="ij")
    radius = np.floor(np.sqrt(sum(g**2 for g in grid)) * side + 0.5).astype(int)
    count = int(side // 2) + 1
    total = lambda v: np.bincount(radius.ravel(), v.ravel(), minlength=count)[:count]
    return np.arange(count) / side, total((fa * fb.conj()).real), total(abs(fa) ** 2), total(abs(fb) ** 2), total(np.ones(a.shape))


def frc(a, b, window="hann", spacing=None):
    frequency, cross, pa, pb, count = rings(a, b, window, spacing)
    curve = np.divide(cross, np.sqrt(pa * pb), out=np.zeros_like(cross), where=(pa > 0) & (pb > 0))
    used = np.flatnonzero(count[1:] > 0) + 1
    resolution, last, before = None, 0.0, 1.0
    for q in used:
        if curve[q] < 1 / 7:
            resolution = 1 / (last + (before - 1 / 7) / (before - curve[q]) * (frequency[q] - last))
            break
        last, before = frequency[q], curve[q]
    return curve, curve[used].mean(), resolution


def resolution_scaled(a, b):
    """RSE, RSP and sigma: least squares of intensities, sigma bounded to 8 px; volumes blurred plane by plane."""
    blur = lambda s: ndi.gaussian_filter(b, [0] * (b.ndim - 2) + [s, s], mode="reflect", truncate=4.0)
    fit = lambda s: np.polynomial.polynomial.polyfit(blur(s).ravel(), a.ravel(), 1)
    rest = lambda s: np.sqrt(np.mean((a - np.polynomial.polynomial.polyval(blur(s), fit(s))) ** 2))
    start = min(range(9), key=rest)
    sigma = optimize.minimize_scalar(rest, bounds=(max(0, start - 1), min(8, start + 1)), method="bounded", options={"xatol": 1e-6}).x
    return rest(sigma), np.corrcoef(blur(sigma).ravel(), a.ravel())[0, 1], sigma


def spectrum_error(a, b, spacing=None):
    _, _, pa, pb, count = rings(a, b, "hann", spacing)
    total, used = pa[1:].sum(), np.flatnonzero(count[1:] > 0) + 1
    pa, pb, count = pa[used], pb[used], count[used]
    least = 1e-12 * total / count
    ratio = np.log10((pb / count + least) / (pa / count + least))
    return np.sqrt((ratio**2).mean())
