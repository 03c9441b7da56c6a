"""Writes packages/iqa/src/no-reference/niqe-parameters.ts from the parameters published with BasicSR. usage: niqe_model.py SDIST.tar.gz OUT.ts

The source distribution: pip download --no-deps --no-binary :all: --no-build-isolation basicsr==1.4.2
"""
import base64
import io
import sys
import tarfile

import numpy as np

with tarfile.open(sys.argv[1]) as archive:
    model = np.load(io.BytesIO(archive.extractfile("basicsr-1.4.2/basicsr/metrics/niqe_pris_params.npz").read()))
mean, covariance = model["mu_pris_param"].ravel(), model["cov_pris_param"]
assert (covariance == covariance.T).all()
packed = base64.b64encode(np.concatenate([mean, covariance[np.tril_indices(36)]]).astype("<f8").tobytes()).decode()
lines = "\n".join(f"  '{packed[i:i + 112]}'," for i in range(0, len(packed), 112))
with open(sys.argv[2], "w") as file:
    file.write(f"""/**
 * Mean and covariance of 36 features over natural pristine images, estimated by the authors of NIQE (Mittal,
 * Soundararajan and Bovik 2013; The University of Texas at Austin) and distributed with BasicSR 1.4.2 under the Apache
 * License 2.0. Written by tools/golden/niqe_model.py: little-endian float64, the mean and then the lower triangle of
 * the covariance row by row, in base 64.
 */
export const NIQE_PARAMETERS = [
{lines}
].join('');
""")
