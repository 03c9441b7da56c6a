"""Cases of metrics without a reference image."""
import numpy as np
from scipy import linalg
from skimage import filters, metrics

import niqe
import pictures as p
import references as own
from decorrelation import decorrelation
from store import number, pack


def band_limited(seed, shape, cut):
    """Points seen through a lens: nothing above `cut` (1 is Nyquist), and noise of 1 % of the largest value."""
    rng = np.random.default_rng(seed)
    points = np.zeros(shape)
    points[tuple(rng.integers(0, n, 60) for n in shape)] = rng.uniform(0.3, 1, 60)
    y, x = (np.fft.fftfreq(n) * 2 for n in shape)
    radius = np.hypot(y[:, None], x[None]) / cut
    inside = np.clip(radius, 0, 1)
    transfer = 2 / np.pi * (np.arccos(inside) - inside * np.sqrt(1 - inside**2))
    image = np.fft.ifft2(np.fft.fft2(points) * transfer).real
    image /= image.max()
    return np.clip(np.round((image + rng.normal(0, 0.01, shape)) * 220 + 20), 0, 255).astype(np.uint8)


def steps(image):
    """Floats in steps of 1/512, which pack well."""
    return np.round(image * 512) / np.float32(512)


def decorrelation_cases():
    pictures = [("lens .4", band_limited(1, (128, 128), 0.4)), ("lens .6", band_limited(2, (127, 150), 0.6)), ("lens .25", band_limited(3, (140, 121), 0.25)),
                ("u1 96 x 101", p.grey(4, (101, 96), "u1")), ("u2 degraded", p.degraded(5, p.grey(5, (90, 90), "u2"))),
                ("f4 61 x 66", steps(p.grey(7, (66, 61), "f4"))),
                ("white noise", np.random.default_rng(6).integers(0, 256, (100, 101), np.uint8))]
    for name, image in pictures:
        cut, snr = decorrelation(image.astype(np.float64))
        yield {"name": name, "image": pack(image), "cutOff": number(cut), "snr": number(snr)}


def niqe_cases():
    for name, image, span in (("f4 193 x 98", steps(p.degraded(14, p.grey(5, (98, 193), "f4"))), 1), ("u1 192 x 200", p.degraded(11, p.grey(1, (192, 200), "u1")), 255), ("u2 205 x 97", p.degraded(13, p.grey(3, (205, 97), "u2")), 4095)):
        yield {"name": name, "dataRange": span, "image": pack(image), "features": pack(niqe.features(image, span)), "niqe": number(niqe.niqe(image, span))}


def frechet(a, b):
    root = linalg.sqrtm(np.cov(a, rowvar=False) @ np.cov(b, rowvar=False)).real
    return ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(np.cov(a, rowvar=False) + np.cov(b, rowvar=False) - 2 * root)


def mmd(a, b):
    kernel = lambda x, y: (x @ y.T / x.shape[1] + 1) ** 3
    off = lambda m: (m.sum() - np.trace(m)) / (len(m) * (len(m) - 1))
    return off(kernel(a, a)) + off(kernel(b, b)) - 2 * kernel(a, b).mean()


def set_cases():
    rng = np.random.default_rng(91)
    for n, m, d in ((30, 25, 4), (12, 40, 7), (8, 9, 1)):
        mix = rng.normal(size=(d, d))
        a, b = rng.normal(size=(n, d)) @ mix + 3, rng.normal(size=(m, d)) @ mix * 1.2 + 2.5
        s = lambda v: (v - a.mean(0)) / a.std(0, ddof=1)
        if d == 1:
            yield {"a": pack(a), "b": pack(b), "kernel": number(mmd(a, b)), "kernelScaled": number(mmd(s(a), s(b)))}
        else:
            yield {"a": pack(a), "b": pack(b), "frechet": number(frechet(a, b)), "kernel": number(mmd(a, b)), "frechetScaled": number(frechet(s(a), s(b))), "kernelScaled": number(mmd(s(a), s(b)))}


def volume_cases():
    for seed, (shape, kind) in enumerate([((11, 12, 13), "f4"), ((14, 16, 15), "u1"), ((13, 11, 18), "u2")]):
        a = p.grey(800 + seed, shape, kind)
        b = p.degraded(820 + seed, a)
        span = {"u1": 255, "u2": 4095, "f4": 1}[kind]
        x, y = a.astype(np.float64), b.astype(np.float64)
        spectra = []
        for spacing in ((1, 1, 1), (2.5, 0.5, 0.5), (1.2, 0.5, 0.4)):
            curve, area, resolution = own.frc(x, y, "hann", spacing)
            spectra.append({"spacing": list(spacing), "curve": pack(curve), "area": number(area), "resolution": resolution, "spectrumError": number(own.spectrum_error(x, y, spacing))})
        rse, rsp, _ = own.resolution_scaled(x, y)
        yield {"name": f"{kind} {shape[2]} x {shape[1]} x {shape[0]}", "dataRange": span, "reference": pack(a), "estimate": pack(b),
               "ssim": number(metrics.structural_similarity(x, y, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=span)),
               "psnr": number(metrics.peak_signal_noise_ratio(x, y, data_range=span)), "otsu": number(filters.threshold_otsu(x)),
               "nrmse": number(metrics.normalized_root_mse(x, y)), "pearson": number(np.corrcoef(x.ravel(), y.ravel())[0, 1]), "mse": number(metrics.mean_squared_error(x, y)),
               "ssimOfPlanes": number(np.mean([metrics.structural_similarity(u, v, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=span) for u, v in zip(x, y)])),
               "rse": number(rse), "rsp": number(rsp), "spectra": spectra}
