/** Name of the running average of a variable. */
export const averageName = (variable: string): string => `${variable}/ema`;
