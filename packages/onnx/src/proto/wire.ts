import { InputError } from '@lacuna/core';

/** How a field's bytes are laid out: the protobuf wire types that are still in use. */
export const wireTypes = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Appends protobuf fields to a growing buffer. */
export class WireWriter {
  private buffer = new Uint8Array(1024);
  private length = 0;

  /** The bytes written so far. */
  finish(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }

  tag(field: number, wireType: number): void {
    this.varint(BigInt(field * 8 + wireType));
  }

  /** A 64-bit integer, seven bits a byte, the lowest first; negative ones in two's complement take ten bytes. */
  varint(value: bigint): void {
    this.reserve(10);
    let rest = BigInt.asUintN(64, value);
    while (rest > 0x7fn) {
      this.buffer[this.length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.buffer[this.length++] = Number(rest);
  }

  float(value: number): void {
    this.reserve(4);
    new DataView(this.buffer.buffer).setFloat32(this.length, value, true);
    this.length += 4;
  }

  bytes(value: Uint8Array): void {
    this.varint(BigInt(value.length));
    this.reserve(value.length);
    this.buffer.set(value, this.length);
    this.length += value.length;
  }

  private reserve(more: number): void {
    if (this.length + more <= this.buffer.length) return;
    const grown = new Uint8Array(Math.max(2 * this.buffer.length, this.length + more));
    grown.set(this.buffer.subarray(0, this.length));
    this.buffer = grown;
  }
}

/**
 * Reads protobuf fields from bytes without copying them.
 * Every read is checked against the end: a cut or garbled message is one {@link InputError}, never a hang or a wrong
 * length.
 */
export class WireReader {
  private readonly source: Uint8Array;
  private readonly view: DataView;
  private at = 0;

  constructor(source: Uint8Array) {
    this.source = source;
    this.view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  }

  get done(): boolean {
    return this.at >= this.source.length;
  }

  tag(): { field: number; wireType: number } {
    const value = this.varint();
    const field = Number(value >> 3n);
    if (field < 1 || field > 0x1fffffff) throw damaged(`field number ${field}`);
    return { field, wireType: Number(value & 7n) };
  }

  /** A 64-bit integer as it stands, unsigned. */
  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      this.need(1);
      const byte = this.source[this.at++];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw damaged('an integer of more than ten bytes');
  }

  float(): number {
    this.need(4);
    this.at += 4;
    return this.view.getFloat32(this.at - 4, true);
  }

  double(): number {
    this.need(8);
    this.at += 8;
    return this.view.getFloat64(this.at - 8, true);
  }

  bytes(): Uint8Array {
    const length = this.varint();
    if (length > BigInt(this.source.length - this.at))
      throw damaged(`a part of ${length} bytes where ${this.source.length - this.at} are left`);
    this.at += Number(length);
    return this.source.subarray(this.at - Number(length), this.at);
  }

  /** Steps over a field that the reader does not know. */
  skip(wireType: number): void {
    switch (wireType) {
      case wireTypes.varint:
        this.varint();
        return;
      case wireTypes.fixed64:
        this.need(8);
        this.at += 8;
        return;
      case wireTypes.bytes:
        this.bytes();
        return;
      case wireTypes.fixed32:
        this.need(4);
        this.at += 4;
        return;
      default:
        throw damaged(`wire type ${wireType}`);
    }
  }

  private need(count: number): void {
    if (this.at + count > this.source.length) throw damaged(`an end after ${this.source.length} bytes`);
  }
}

/** The one error of a file that is no ONNX model. */
export function damaged(got: string): InputError {
  return new InputError({ who: 'ONNX file', got, wanted: 'a whole ONNX model', remedy: 'export or download it again' });
}
