import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { InputError, writeFileAtomic } from '@lacuna/core';

/** Named float32 arrays and text beside them. */
export interface TensorFile {
  readonly tensors: Readonly<Record<string, { readonly shape: readonly number[]; readonly values: Float32Array }>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Writes a safetensors file (header length, JSON header, raw little-endian float32), which Python's `safetensors`
 * opens. The SHA-256 of the data stands in the metadata; the file appears under its name whole or not at all.
 */
export function writeTensorFile(path: string, { tensors, metadata }: TensorFile): void {
  const header: Record<string, unknown> = {};
  const hash = createHash('sha256');
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const [name, { shape, values }] of Object.entries(tensors)) {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + bytes.length] };
    offset += bytes.length;
    hash.update(bytes);
    parts.push(bytes);
  }
  header['__metadata__'] = { ...metadata, sha256: hash.digest('hex') };
  const text = Buffer.from(JSON.stringify(header));
  // The format wants the data aligned to eight bytes: the header is filled with spaces.
  const padded = Buffer.concat([text, Buffer.alloc((8 - (text.length % 8)) % 8, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  writeFileAtomic(path, [length, padded, ...parts], {
    wanted: 'a checkpoint written whole',
    remedy: 'start again: the trial goes on from its last checkpoint',
  });
}

/**
 * Reads a safetensors file of float32 arrays and checks its SHA-256 where it has one.
 * @throws {InputError} if it is damaged, cut or something else.
 */
export function readTensorFile(path: string): TensorFile {
  if (!existsSync(path)) throw new InputError({ who: path, got: 'no such file', wanted: 'a safetensors file' });
  return decodeTensorFile(readFileSync(path), path);
}

/** A safetensors file begins with the length of its JSON header. */
export function isTensorFile(bytes: Uint8Array): boolean {
  return (
    bytes.length > 9 &&
    bytes[8] === 0x7b &&
    Buffer.from(bytes.buffer, bytes.byteOffset, 8).readBigUInt64LE() < BigInt(bytes.length)
  );
}

/**
 * The arrays of a safetensors file's bytes; see {@link readTensorFile}.
 * @param who names the bytes in errors.
 */
export function decodeTensorFile(content: Uint8Array, who: string): TensorFile {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const damaged = (got: string) => new InputError({ who, got, wanted: 'a whole safetensors file of float32 arrays' });
  if (bytes.length < 8) throw damaged(`${bytes.length} bytes`);
  const headerLength = Number(bytes.readBigUInt64LE(0));
  if (8 + headerLength > bytes.length) throw damaged(`a header of ${headerLength} bytes in a file of ${bytes.length}`);
  let header: Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }> & {
    __metadata__?: Record<string, string>;
  };
  try {
    header = JSON.parse(bytes.subarray(8, 8 + headerLength).toString('utf8')) as typeof header;
  } catch {
    throw damaged('a header that is not JSON');
  }
  const { __metadata__: metadata = {}, ...entries } = header;
  const data = bytes.subarray(8 + headerLength);
  const tensors: Record<string, { shape: number[]; values: Float32Array }> = {};
  for (const [
    name,
    {
      dtype,
      shape,
      data_offsets: [from, to],
    },
  ] of Object.entries(entries)) {
    if (dtype !== 'F32') throw damaged(`${name} of type ${dtype}`);
    if (to > data.length || to - from !== 4 * shape.reduce((size, length) => size * length, 1))
      throw damaged(`${name} cut or of another size`);
    tensors[name] = {
      shape,
      values: new Float32Array(data.buffer.slice(data.byteOffset + from, data.byteOffset + to)),
    };
  }
  const { sha256, ...rest } = metadata;
  if (sha256 !== undefined && createHash('sha256').update(data).digest('hex') !== sha256)
    throw damaged('data that do not match their SHA-256');
  return { tensors, metadata: rest };
}
