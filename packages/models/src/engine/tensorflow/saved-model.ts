import { createRequire } from 'node:module';

/** The protobuf classes of TensorFlow's graph files, as the stock package ships them (google-protobuf, generated). */
interface Message {
  serializeBinary(): Uint8Array;
}
interface StringMap<T> {
  set(key: string, value: T): void;
}
interface ShapeMessage extends Message {
  addDim(dim: Message): void;
}
interface AttrMessage extends Message {
  setType(value: number): void;
  setShape(value: Message): void;
  setS(value: string): void;
  setI(value: number): void;
  setF(value: number): void;
  setB(value: boolean): void;
  setTensor(value: Message): void;
  setList(value: Message): void;
}
interface TensorMessage extends Message {
  setDtype(value: number): void;
  setTensorShape(value: Message): void;
  setTensorContent(value: Uint8Array): void;
  setFloatValList(value: number[]): void;
}
interface NodeMessage extends Message {
  setName(name: string): void;
  setOp(op: string): void;
  setInputList(inputs: string[]): void;
  getAttrMap(): StringMap<Message>;
}
interface Protobuf {
  GraphDef: new () => Message & { addNode(node: Message): void; setVersions(version: Message): void };
  VersionDef: new () => Message & { setProducer(value: number): void };
  NodeDef: new () => NodeMessage;
  TensorShape: (new () => ShapeMessage) & { Dim: new () => Message & { setSize(size: number): void } };
  AttrValue: (new () => AttrMessage) & { ListValue: new () => Message & { setIList(values: number[]): void } };
  Tensor: new () => TensorMessage;
  TensorInfo: new () => Message & {
    setName(name: string): void;
    setDtype(type: number): void;
    setTensorShape(shape: Message): void;
  };
  SignatureDef: new () => Message & {
    getInputsMap(): StringMap<Message>;
    getOutputsMap(): StringMap<Message>;
    setMethodName(name: string): void;
  };
  MetaGraphDef: (new () => Message & {
    setMetaInfoDef(info: Message): void;
    setGraphDef(graph: Message): void;
    getSignatureDefMap(): StringMap<Message>;
  }) & {
    MetaInfoDef: new () => Message & { addTags(tag: string): void };
  };
  SavedModel: new () => Message & {
    setSavedModelSchemaVersion(version: number): void;
    addMetaGraphs(meta: Message): void;
  };
}

const FLOAT = 1;
const INT32 = 3;
const BOOL = 10;
const BFLOAT16 = 14;
/** TensorFlow's GraphDef version that our nodes are written for (2.21). */
const PRODUCER = 1882;

/** An attribute of a node: what TensorFlow's op definition wants under that name. */
export type NodeAttribute =
  | { readonly type: 'float' | 'bfloat16' | 'int32' | 'bool' }
  | { readonly shape: readonly number[] }
  | { readonly text: string }
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number }
  | { readonly bool: boolean }
  | { readonly floats: Float32Array; readonly of: readonly number[] }
  | { readonly repeated: number; readonly of: readonly number[] }
  | { readonly int32s: readonly number[]; readonly of: readonly number[] };

/** The places of an action in the graph: tensors behind its inputs and outputs, by the names that a session knows. */
export interface Signature {
  readonly inputs: ReadonlyMap<string, string>;
  readonly outputs: ReadonlyMap<string, string>;
}

/** What stands at each end of an action: a node whose first output it is. */
type Ends = Readonly<Record<string, { readonly node: string; readonly shape: readonly number[] }>>;

const typeCodes = { float: FLOAT, bfloat16: BFLOAT16, int32: INT32, bool: BOOL } as const;

/** Writes a TensorFlow SavedModel: nodes and signatures, no variables folder. */
export class SavedModelWriter {
  readonly signatures = new Map<string, Signature>();
  private readonly pb: Protobuf;
  private readonly graph: InstanceType<Protobuf['GraphDef']>;
  private readonly meta: InstanceType<Protobuf['MetaGraphDef']>;

  constructor() {
    this.pb = createRequire(import.meta.url)('@tensorflow/tfjs-node-gpu/dist/proto/api_pb.js') as Protobuf;
    this.graph = new this.pb.GraphDef();
    this.meta = new this.pb.MetaGraphDef();
    const version = new this.pb.VersionDef();
    version.setProducer(PRODUCER);
    this.graph.setVersions(version);
  }

  /** Adds a node; inputs are `name` or `name:k`, control dependencies `^name`. Returns its name. */
  node(
    name: string,
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, NodeAttribute>> = {},
  ): string {
    const node = new this.pb.NodeDef();
    node.setName(name);
    node.setOp(op);
    // Control dependencies stand last, as TensorFlow requires.
    node.setInputList([
      ...inputs.filter((input) => !input.startsWith('^')),
      ...inputs.filter((input) => input.startsWith('^')),
    ]);
    for (const [key, value] of Object.entries(attributes)) node.getAttrMap().set(key, this.attribute(value));
    this.graph.addNode(node);
    return name;
  }

  signature(name: string, inputs: Ends, outputs: Ends): void {
    this.signatures.set(name, { inputs: tensorNames(inputs), outputs: tensorNames(outputs) });
    const signature = new this.pb.SignatureDef();
    const info = ({ node, shape }: Ends[string]) => {
      const message = new this.pb.TensorInfo();
      message.setName(firstOutput(node));
      message.setDtype(FLOAT);
      message.setTensorShape(this.shape(shape));
      return message;
    };
    for (const [key, value] of Object.entries(inputs)) signature.getInputsMap().set(key, info(value));
    for (const [key, value] of Object.entries(outputs)) signature.getOutputsMap().set(key, info(value));
    signature.setMethodName(name);
    this.meta.getSignatureDefMap().set(name, signature);
  }

  /** The bytes of `saved_model.pb`. */
  serialize(): Uint8Array {
    const tags = new this.pb.MetaGraphDef.MetaInfoDef();
    tags.addTags('serve');
    this.meta.setMetaInfoDef(tags);
    this.meta.setGraphDef(this.graph);
    const model = new this.pb.SavedModel();
    model.setSavedModelSchemaVersion(1);
    model.addMetaGraphs(this.meta);
    return model.serializeBinary();
  }

  private shape(sizes: readonly number[]): Message {
    const shape = new this.pb.TensorShape();
    for (const size of sizes) {
      const dim = new this.pb.TensorShape.Dim();
      dim.setSize(size);
      shape.addDim(dim);
    }
    return shape;
  }

  private tensor(type: number, sizes: readonly number[]): TensorMessage {
    const tensor = new this.pb.Tensor();
    tensor.setDtype(type);
    tensor.setTensorShape(this.shape(sizes));
    return tensor;
  }

  private attribute(value: NodeAttribute): Message {
    const attribute = new this.pb.AttrValue();
    if ('type' in value) attribute.setType(typeCodes[value.type]);
    else if ('shape' in value) attribute.setShape(this.shape(value.shape));
    else if ('text' in value) attribute.setS(Buffer.from(value.text).toString('base64'));
    else if ('int' in value) attribute.setI(value.int);
    else if ('float' in value) attribute.setF(value.float);
    else if ('bool' in value) attribute.setB(value.bool);
    else if ('ints' in value) {
      const list = new this.pb.AttrValue.ListValue();
      list.setIList([...value.ints]);
      attribute.setList(list);
    } else if ('floats' in value) {
      const tensor = this.tensor(FLOAT, value.of);
      tensor.setTensorContent(new Uint8Array(value.floats.buffer, value.floats.byteOffset, value.floats.byteLength));
      attribute.setTensor(tensor);
    } else if ('repeated' in value) {
      // One value with a larger shape means that value everywhere.
      const tensor = this.tensor(FLOAT, value.of);
      tensor.setFloatValList([value.repeated]);
      attribute.setTensor(tensor);
    } else {
      const tensor = this.tensor(INT32, value.of);
      const content = Int32Array.from(value.int32s);
      tensor.setTensorContent(new Uint8Array(content.buffer));
      attribute.setTensor(tensor);
    }
    return attribute;
  }
}

const firstOutput = (node: string): string => `${node}:0`;

/** In the order of a file's signatures, by name: a session is asked in the same order for the same program. */
const tensorNames = (ends: Ends): Map<string, string> =>
  new Map(
    Object.keys(ends)
      .sort()
      .map((key) => [key, firstOutput(ends[key].node)]),
  );
