"""Image decorrelation analysis, whole arrays at a time, from Descloux et al. 2019."""
import numpy as np

RADII, FILTERS, DROP = 50, 10, 5e-4


def fade(n):
    inward = np.minimum(np.arange(n), n - 1 - np.arange(n))
    return np.where(inward >= 20, 1, (np.sin(np.pi * (inward / 20 - 0.5)) + 1) / 2)


def peak(d):
    t = list(d)
    at = int(np.argmax(t))
    while at == len(t) - 1:
        t.pop()
        if not t:
            return 0, 0.0
        at = int(np.argmax(t))
        least = min(d[at:])
        if t[at] - least > DROP:
            break
        t[at] = least
        at = len(t) - 1
    return at, float(t[at])


def decorrelation(image):
    image = image[: image.shape[0] - 1 + image.shape[0] % 2, : image.shape[1] - 1 + image.shape[1] % 2] - image.mean()
    image = image * np.outer(fade(image.shape[0]), fade(image.shape[1]))
    spectrum = np.fft.fftshift(np.fft.fft2(image - image.mean()))
    y, x = (np.linspace(-1, 1, n) for n in spectrum.shape)
    squared = y[:, None] ** 2 + x[None] ** 2
    spectrum[spectrum.shape[0] // 2, spectrum.shape[1] // 2] = 0
    spectrum[squared >= 1] = 0
    phases = np.divide(spectrum, abs(spectrum), out=np.zeros_like(spectrum), where=abs(spectrum) > 0)

    def curve(radii, g):
        filtered = spectrum * (1 - np.exp(-2 * g * g * squared)) if g else spectrum
        total = np.sqrt((abs(filtered) ** 2).sum())
        out = []
        for r in radii:
            kept = phases * (squared < r * r)
            norm = total * np.sqrt((abs(kept) ** 2).sum())
            out.append((filtered * kept.conj()).real.sum() / norm if norm else 0.0)
        return out

    radii = np.linspace(0, 1, RADII)
    at, height = peak(curve(radii, 0))
    peaks = [(radii[at], height)]
    widest = 2 / radii[at] if radii[at] else max(spectrum.shape) / 2
    filters = [spectrum.shape[0] / 4, *np.exp(np.linspace(np.log(widest), np.log(0.15), FILTERS))]
    for g in filters:
        at, height = peak(curve(radii, g))
        peaks.append((radii[at], height))
    finest = int(np.argmax([p[0] for p in peaks]))
    best = int(np.argmax([np.sqrt(p[0] * p[1]) for p in peaks]))
    start = min(finest, best)
    end = 0 if start == 0 else max(finest, best)
    high = min(end + 1, len(filters) - 1)
    low = min(start, high - 1)
    refined = np.linspace(max(0, peaks[finest][0] - 0.05), min(1, peaks[finest][0] + 0.3), RADII)
    for g in np.exp(np.linspace(np.log(filters[low]), np.log(filters[high]), FILTERS + 2))[1:-1]:
        at, height = peak(curve(refined, g))
        peaks.append((refined[at], height))
    return max([p[0] for p in peaks if p[1] >= 0.05], default=0.0), peaks[0][1]
