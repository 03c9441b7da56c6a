/**
 * Number of the rules by which kernels are chosen, and convolutions rounded to bfloat16, in trainings of planes or in
 * bfloat16. Another choice adds up in another order, so a training must not go on under other rules than it began with:
 * raise it with them. Volumes in float32 have one kernel for each op, and nothing to choose.
 */
export const KERNEL_CHOICE = 2;
