import { messages, type Field, type MessageName } from './messages.js';
import type { OnnxGraph, OnnxModel, OnnxNode } from './model.js';
import { damaged, WireReader, WireWriter, wireTypes } from './wire.js';

type Message = Readonly<Record<string, unknown>>;

/** The bytes of a model's file. */
export function encodeModel(model: OnnxModel): Uint8Array {
  return encode('model', model as unknown as Message);
}

/**
 * Reads a model's file.
 * @throws {InputError} if the bytes are no ONNX model, cut or garbled.
 */
export function decodeModel(bytes: Uint8Array): OnnxModel {
  const model = decode('model', bytes) as Partial<OnnxModel>;
  const { graph, opsetImport = [] } = model;
  if (!graph) throw damaged(bytes.length === 0 ? 'an empty file' : 'a file without a graph');
  const { node = [], initializer = [], input = [], output = [] } = graph as Partial<OnnxGraph>;
  if (output.length === 0) throw damaged('a graph without outputs');
  return { ...model, opsetImport, graph: { ...graph, node: node.map(completeNode), initializer, input, output } };
}

/** Protobuf leaves empty lists and texts out. */
function completeNode(node: Partial<OnnxNode>): OnnxNode {
  if (!node.opType) throw damaged('a node without an operation');
  return { ...node, opType: node.opType, input: node.input ?? [], output: node.output ?? [] };
}

function encode(name: MessageName, message: Message): Uint8Array {
  const writer = new WireWriter();
  for (const [key, field] of Object.entries(messages[name])) {
    const value = message[key];
    if (value === undefined) continue;
    for (const item of field.repeated ? (value as readonly unknown[]) : [value]) writeField(writer, field, item);
  }
  return writer.finish();
}

function writeField(writer: WireWriter, { number, kind }: Field, value: unknown): void {
  if (kind === 'int') {
    writer.tag(number, wireTypes.varint);
    writer.varint(BigInt(value as number));
  } else if (kind === 'float') {
    writer.tag(number, wireTypes.fixed32);
    writer.float(value as number);
  } else {
    writer.tag(number, wireTypes.bytes);
    if (kind === 'text') writer.bytes(new TextEncoder().encode(value as string));
    else writer.bytes(typeof kind === 'object' ? encode(kind.message, value as Message) : (value as Uint8Array));
  }
}

function decode(name: MessageName, bytes: Uint8Array): Message {
  const reader = new WireReader(bytes);
  const out: Record<string, unknown> = {};
  const byNumber = fieldsByNumber[name];
  while (!reader.done) {
    const { field: number, wireType } = reader.tag();
    const known = byNumber.get(number);
    if (!known) {
      reader.skip(wireType);
      continue;
    }
    const [key, field] = known;
    const values = readField(reader, field, wireType, key);
    if (!field.repeated) out[key] = values.at(-1);
    else if (out[key] === undefined) out[key] = values;
    else for (const value of values) (out[key] as unknown[]).push(value);
  }
  return out;
}

const fieldsByNumber = Object.fromEntries(
  Object.entries(messages).map(([name, fields]) => [
    name,
    new Map(Object.entries(fields).map(([key, field]) => [field.number, [key, field] as const])),
  ]),
);

/** How a single number of each kind lies in the file. */
const numberTypes = { int: wireTypes.varint, float: wireTypes.fixed32, double: wireTypes.fixed64 } as const;

/** Values of one occurrence: several where numbers come packed. */
function readField(reader: WireReader, field: Field, wireType: number, key: string): unknown[] {
  const { kind } = field;
  if (kind === 'int' || kind === 'float' || kind === 'double') {
    if (wireType === numberTypes[kind]) return [readNumber(reader, kind)];
    if (wireType !== wireTypes.bytes) throw damaged(`${key} of wire type ${wireType}`);
    const packed = new WireReader(reader.bytes());
    const out: number[] = [];
    while (!packed.done) out.push(readNumber(packed, kind));
    return out;
  }
  if (wireType !== wireTypes.bytes) throw damaged(`${key} of wire type ${wireType}`);
  const bytes = reader.bytes();
  if (kind === 'bytes') return [bytes];
  if (kind === 'text') return [readText(bytes, key)];
  return [decode(kind.message, bytes)];
}

function readNumber(reader: WireReader, kind: 'int' | 'float' | 'double'): number {
  if (kind === 'float') return reader.float();
  if (kind === 'double') return reader.double();
  // Signed 64-bit: sizes, axes and enums are all far below 2^53; an overflowed "unlimited" end of a slice keeps its
  // sign.
  return Number(BigInt.asIntN(64, reader.varint()));
}

function readText(bytes: Uint8Array, key: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw damaged(`${key} that is not text`);
  }
}
