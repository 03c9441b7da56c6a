import type { OpenImage, SampleType } from '@lacuna/datasets';

/** The type of the file itself; 32-bit integers and doubles become floats. */
export function writtenType(dtype: OpenImage['dtype']): SampleType {
  if (dtype === 'uint8' || dtype === 'uint16' || dtype === 'int16') return dtype;
  return dtype === 'int8' ? 'int16' : 'float32';
}

/** A line where whole numbers are written as floats: no other type holds what lies between theirs. */
export function writtenNotes(dtype: OpenImage['dtype']): string[] {
  const type = writtenType(dtype);
  return dtype.includes('int') && type === 'float32' ? [`${dtype} is written as 32-bit floats`] : [];
}
