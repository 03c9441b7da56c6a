/** What an instruction may leave on the stack of a WebAssembly function. */
export type ValueType = 'i32' | 'i64' | 'f64' | 'v128';

/** Instructions in their binary form, and what they leave: one value of a type, or nothing. */
export interface Code<Leaves extends ValueType | 'nothing'> {
  readonly bytes: readonly number[];
  readonly leaves: Leaves;
}

/** The binary names of the types (WebAssembly core specification 2.0, section 5.3.1). */
export const TYPE_BYTES: Readonly<Record<ValueType, number>> = { i32: 0x7f, i64: 0x7e, f64: 0x7c, v128: 0x7b };

/** Joins bytes and instructions into one piece of code. */
export function join<Leaves extends ValueType | 'nothing'>(
  leaves: Leaves,
  ...parts: readonly (number | Code<ValueType | 'nothing'>)[]
): Code<Leaves> {
  const bytes: number[] = [];
  for (const part of parts) {
    if (typeof part === 'number') bytes.push(part);
    else for (const byte of part.bytes) bytes.push(byte);
  }
  return { bytes, leaves };
}

/** A number from 0 to 2³² - 1 in unsigned LEB128 (section 5.2.2). */
export function uleb128(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value >>> 0; ; rest >>>= 7) {
    if (rest < 0x80) return [...bytes, rest];
    bytes.push((rest & 0x7f) | 0x80);
  }
}

/** A signed number of 32 bits in signed LEB128 (section 5.2.2). */
export function sleb128(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value | 0; ; rest >>= 7) {
    const last = rest & 0x7f;
    if ((rest >> 7 === 0 && !(last & 0x40)) || (rest >> 7 === -1 && last & 0x40)) return [...bytes, last];
    bytes.push(last | 0x80);
  }
}
