import type { Rng } from '@lacuna/core';

/**
 * Image pool of CycleGAN (Shrivastava et al. 2017): the discriminator sees, half the time, an image that the generator
 * made earlier. Until the pool is full every image is stored and given back; then each is, with probability 1/2,
 * exchanged for a stored one.
 */
export class ImagePool {
  private readonly size: number;
  private readonly imageLength: number;
  private readonly images: Float32Array[] = [];

  constructor(size: number, imageLength: number) {
    this.size = size;
    this.imageLength = imageLength;
  }

  get count(): number {
    return this.images.length;
  }

  /** Takes a batch and gives a batch back. */
  exchange(batch: Float32Array, rng: Rng): Float32Array {
    if (this.size === 0) return batch;
    const out = batch.slice();
    for (let at = 0; at < batch.length; at += this.imageLength) {
      const image = batch.slice(at, at + this.imageLength);
      if (this.images.length < this.size) this.images.push(image);
      else if (rng.uniform() < 0.5) {
        const k = rng.integer(this.size);
        out.set(this.images[k], at);
        this.images[k] = image;
      }
    }
    return out;
  }

  /** All stored images after one another. */
  pack(): Float32Array {
    const packed = new Float32Array(this.images.length * this.imageLength);
    this.images.forEach((image, i) => packed.set(image, i * this.imageLength));
    return packed;
  }

  restore(packed: Float32Array): void {
    this.images.length = 0;
    for (let at = 0; at < packed.length; at += this.imageLength)
      this.images.push(packed.slice(at, at + this.imageLength));
  }
}
