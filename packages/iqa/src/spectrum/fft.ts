export { fft2, planFft, type Fft } from '@lacuna/core';
