export type MessageName =
  | 'model'
  | 'opset'
  | 'entry'
  | 'graph'
  | 'node'
  | 'attribute'
  | 'tensor'
  | 'value'
  | 'type'
  | 'tensorType'
  | 'shape'
  | 'dimension';

/** What a field holds. `int` and enums are varints, read as numbers; `message` names another message of the table. */
type FieldKind = 'int' | 'float' | 'double' | 'text' | 'bytes' | { readonly message: MessageName };
export interface Field {
  readonly number: number;
  readonly kind: FieldKind;
  readonly repeated?: boolean;
}

const one = (number: number, kind: FieldKind): Field => ({ number, kind });
const many = (number: number, kind: FieldKind): Field => ({ number, kind, repeated: true });

/**
 * The messages of ONNX that a model of inference holds, with the field numbers of onnx.proto (ONNX IR 8).
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. Fields that are not listed are stepped over when read.
 */
export const messages: Readonly<Record<MessageName, Readonly<Record<string, Field>>>> = {
  model: {
    irVersion: one(1, 'int'),
    producerName: one(2, 'text'),
    producerVersion: one(3, 'text'),
    domain: one(4, 'text'),
    modelVersion: one(5, 'int'),
    docString: one(6, 'text'),
    graph: one(7, { message: 'graph' }),
    opsetImport: many(8, { message: 'opset' }),
    metadata: many(14, { message: 'entry' }),
  },
  opset: { domain: one(1, 'text'), version: one(2, 'int') },
  entry: { key: one(1, 'text'), value: one(2, 'text') },
  graph: {
    node: many(1, { message: 'node' }),
    name: one(2, 'text'),
    initializer: many(5, { message: 'tensor' }),
    docString: one(10, 'text'),
    input: many(11, { message: 'value' }),
    output: many(12, { message: 'value' }),
    valueInfo: many(13, { message: 'value' }),
  },
  node: {
    input: many(1, 'text'),
    output: many(2, 'text'),
    name: one(3, 'text'),
    opType: one(4, 'text'),
    attribute: many(5, { message: 'attribute' }),
    docString: one(6, 'text'),
    domain: one(7, 'text'),
  },
  attribute: {
    name: one(1, 'text'),
    f: one(2, 'float'),
    i: one(3, 'int'),
    s: one(4, 'bytes'),
    t: one(5, { message: 'tensor' }),
    floats: many(7, 'float'),
    ints: many(8, 'int'),
    strings: many(9, 'bytes'),
    type: one(20, 'int'),
  },
  tensor: {
    dims: many(1, 'int'),
    dataType: one(2, 'int'),
    floatData: many(4, 'float'),
    int32Data: many(5, 'int'),
    int64Data: many(7, 'int'),
    name: one(8, 'text'),
    rawData: one(9, 'bytes'),
    doubleData: many(10, 'double'),
    dataLocation: one(14, 'int'),
  },
  value: { name: one(1, 'text'), type: one(2, { message: 'type' }), docString: one(3, 'text') },
  type: { tensorType: one(1, { message: 'tensorType' }) },
  tensorType: { elemType: one(1, 'int'), shape: one(2, { message: 'shape' }) },
  shape: { dim: many(1, { message: 'dimension' }) },
  dimension: { dimValue: one(1, 'int'), dimParam: one(2, 'text') },
};
