/** Sums of a linear least-squares problem: rows are added one by one, weighted, and solved at the end. */
export class LeastSquares {
  private readonly size: number;
  private readonly matrix: Float64Array;
  private readonly right: Float64Array;

  constructor(size: number) {
    this.size = size;
    this.matrix = new Float64Array(size * size);
    this.right = new Float64Array(size);
  }

  /** One equation, row · unknowns = value. */
  add(row: ArrayLike<number>, value: number, weight = 1): void {
    const { size, matrix, right } = this;
    for (let i = 0; i < size; i++) {
      const scaled = weight * row[i];
      if (scaled === 0) continue;
      for (let k = 0; k < size; k++) matrix[i * size + k] += scaled * row[k];
      right[i] += scaled * value;
    }
  }

  /**
   * The unknowns; null where the equations do not determine them. Gaussian elimination with pivots on the scaled normal
   * equations.
   */
  solve(): Float64Array | null {
    const { size } = this;
    const scale = Float64Array.from({ length: size }, (_, i) => 1 / Math.sqrt(this.matrix[i * size + i] || Infinity));
    const a = this.matrix.map((value, at) => value * scale[Math.floor(at / size)] * scale[at % size]);
    const b = this.right.map((value, i) => value * scale[i]);
    for (let column = 0; column < size; column++) {
      let pivot = column;
      for (let row = column + 1; row < size; row++)
        if (Math.abs(a[row * size + column]) > Math.abs(a[pivot * size + column])) pivot = row;
      if (!(Math.abs(a[pivot * size + column]) > 1e-9)) return null;
      for (let k = 0; k < size; k++)
        [a[column * size + k], a[pivot * size + k]] = [a[pivot * size + k], a[column * size + k]];
      [b[column], b[pivot]] = [b[pivot], b[column]];
      for (let row = column + 1; row < size; row++) {
        const factor = a[row * size + column] / a[column * size + column];
        for (let k = column; k < size; k++) a[row * size + k] -= factor * a[column * size + k];
        b[row] -= factor * b[column];
      }
    }
    for (let row = size - 1; row >= 0; row--) {
      for (let k = row + 1; k < size; k++) b[row] -= a[row * size + k] * b[k];
      b[row] /= a[row * size + row];
    }
    return b.map((value, i) => value * scale[i]);
  }
}
