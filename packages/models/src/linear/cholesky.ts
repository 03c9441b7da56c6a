import { FailureError } from '@lacuna/core';

/**
 * Solves A X = B for a symmetric positive definite A by Cholesky's decomposition A = L Lᵀ.
 * @param a [n, n], row-major; its lower triangle is read and is replaced by L.
 * @param b [n, m], row-major; is replaced by X.
 * @throws {FailureError} if A is not positive definite.
 */
export function solvePositiveDefinite(a: Float64Array, b: Float64Array, n: number): Float64Array {
  decompose(a, n);
  const columns = b.length / n;
  for (let row = 0; row < n; row++) {
    for (let k = 0; k < row; k++) subtractRow(b, row, k, a[row * n + k], columns);
    divideRow(b, row, a[row * n + row], columns);
  }
  for (let row = n - 1; row >= 0; row--) {
    for (let k = row + 1; k < n; k++) subtractRow(b, row, k, a[k * n + row], columns);
    divideRow(b, row, a[row * n + row], columns);
  }
  return b;
}

function decompose(a: Float64Array, n: number): void {
  for (let column = 0; column < n; column++) {
    for (let row = column; row < n; row++) {
      let sum = a[row * n + column];
      for (let k = 0; k < column; k++) sum -= a[row * n + k] * a[column * n + k];
      if (row > column) {
        a[row * n + column] = sum / a[column * n + column];
        continue;
      }
      if (!(sum > 0)) {
        throw new FailureError({
          who: 'linear filter',
          got: `normal equations that are not positive definite (pivot ${column})`,
          wanted: 'training images that are not constant',
          remedy: 'raise regime.ridge',
        });
      }
      a[row * n + column] = Math.sqrt(sum);
    }
  }
}

/** row -= share · other */
function subtractRow(b: Float64Array, row: number, other: number, share: number, columns: number): void {
  const to = row * columns;
  const from = other * columns;
  for (let c = 0; c < columns; c++) b[to + c] -= share * b[from + c];
}

function divideRow(b: Float64Array, row: number, by: number, columns: number): void {
  for (let c = row * columns; c < (row + 1) * columns; c++) b[c] /= by;
}
